package dev.moorage.worker.host;

import dev.moorage.checkpoint.ShardSource;
import dev.moorage.worker.core.Reply;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * Who waits for the answer to a call.
 *
 * @param reference the bytes that the call brings along, if it does
 * @param progress of a load
 */
record Caller(CompletableFuture<Reply> reply, Optional<ShardSource> reference, LoadProgress progress) {
    static Caller waiting() {
        return new Caller(new CompletableFuture<>(), Optional.empty(), LoadProgress.NONE);
    }
}
