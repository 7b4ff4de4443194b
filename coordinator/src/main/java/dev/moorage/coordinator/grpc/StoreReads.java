package dev.moorage.coordinator.grpc;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.storage.BlockingIo;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What callers of the front door have read from the store: on threads of its own, at most {@value #UNDER_WAY_MAX} at a time,
 * each within a deadline. People who list checkpoints never wait in front of a commit. Any thread.
 */
public final class StoreReads {
    static final int UNDER_WAY_MAX = 64;

    private final BlockingIo io;
    private final Duration deadline;
    private final AtomicInteger underWay = new AtomicInteger();

    /**
     * @param io threads that no coordinator uses
     * @param deadline from the question to the answer
     */
    public StoreReads(BlockingIo io, Duration deadline) {
        this.io = requireNonNull(io);
        this.deadline = requireNonNull(deadline);
    }

    /** The result of {@code read}; UNAVAILABLE if too many are under way, or if it is not there in time. */
    <T> CompletionStage<T> call(Callable<T> read) {
        if (underWay.incrementAndGet() > UNDER_WAY_MAX) {
            underWay.decrementAndGet();
            throw CheckpointException.unavailable("the front door has " + UNDER_WAY_MAX
                    + " reads of the store under way and takes no more; try again later");
        }
        long end = System.nanoTime() + deadline.toNanos();
        // A read that is late goes on until the store answers: its place is free then and not before.
        CompletionStage<T> result = io.call(() -> {
            if (System.nanoTime() - end > 0) {
                throw late();
            }
            return read.call();
        });
        result.whenComplete((value, failure) -> underWay.decrementAndGet());
        return result.thenApply(value -> value)
                .toCompletableFuture()
                .orTimeout(deadline.toMillis(), TimeUnit.MILLISECONDS)
                .handle(this::inTime);
    }

    private <T> T inTime(T value, Throwable failure) {
        if (failure == null) {
            return value;
        }
        Throwable cause = JobQuestions.unwrapped(failure);
        if (cause instanceof TimeoutException) {
            throw late();
        }
        throw cause instanceof RuntimeException known ? known : new IllegalStateException(cause);
    }

    private CheckpointException late() {
        return CheckpointException.unavailable("the store was not read within " + deadline.toMillis() / 1000.0
                + " s: it is slow or does not answer; try again");
    }
}
