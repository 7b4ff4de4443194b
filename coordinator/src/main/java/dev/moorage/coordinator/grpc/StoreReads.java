package dev.moorage.coordinator.grpc;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.storage.BlockingIo;
import java.time.Duration;
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
     * @param deadline from the question to the answer; shorter than callers wait, so that they see why there is none
     */
    public StoreReads(BlockingIo io, Duration deadline) {
        this.io = requireNonNull(io);
        this.deadline = requireNonNull(deadline);
    }

    /** Something to read from the store, perhaps one object after the other. */
    interface Read<T> {
        /**
         * Blocks.
         *
         * @param stillWanted to be called before each object of many; throws if nobody waits for the answer any more
         */
        T answer(Runnable stillWanted);
    }

    /** The result of {@code read}; UNAVAILABLE if too many are under way, or if it is not there in time. */
    <T> CompletionStage<T> call(Read<T> read) {
        if (underWay.incrementAndGet() > UNDER_WAY_MAX) {
            underWay.decrementAndGet();
            throw CheckpointException.unavailable("the front door has " + UNDER_WAY_MAX
                    + " reads of the store under way and takes no more; try again later");
        }
        long end = System.nanoTime() + deadline.toNanos();
        Runnable stillWanted = () -> {
            if (System.nanoTime() - end > 0) {
                throw late();
            }
        };
        // A late read keeps its thread until the store has answered what it asks now: its place is free then and not
        // before.
        CompletionStage<T> result = io.call(() -> {
            stillWanted.run();
            return read.answer(stillWanted);
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
