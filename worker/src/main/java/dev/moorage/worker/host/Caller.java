package dev.moorage.worker.host;

import dev.moorage.checkpoint.ShardSource;
import dev.moorage.worker.core.Reply;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;

/**
 * Who waits for the answer to a call.
 *
 * @param reference the bytes that the call brings along, if it does
 * @param progress of a load
 */
record Caller(CompletableFuture<Reply> reply, Optional<ShardSource> reference, LoadProgress progress) {
    /** Has {@code taker} take the answer when it comes, also if it is there already. */
    void later(Consumer<Reply> taker) {
        CompletionStage<Reply> late = reply;
        late.thenAccept(taker);
    }

    static Caller waiting() {
        return new Caller(new CompletableFuture<>(), Optional.empty(), LoadProgress.NONE);
    }
}
