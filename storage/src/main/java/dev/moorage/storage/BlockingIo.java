package dev.moorage.storage;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** The one bridge from actors to calls that block. */
public final class BlockingIo {
    private final Executor threads;

    /** @param threads bounded and named; tests pass a queue and run it when they want to */
    public BlockingIo(Executor threads) {
        this.threads = requireNonNull(threads);
    }

    /** Runs {@code work} on one of the threads. The stage fails with exactly what {@code work} threw, never wrapped. */
    public <T> CompletionStage<T> call(Callable<T> work) {
        CompletableFuture<T> result = new CompletableFuture<>();
        threads.execute(() -> {
            try {
                result.complete(work.call());
            } catch (Throwable failure) {
                result.completeExceptionally(failure);
            }
        });
        return result;
    }
}
