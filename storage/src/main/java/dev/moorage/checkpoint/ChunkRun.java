package dev.moorage.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.IntUnaryOperator;

/**
 * Works on chunks in lanes, several at once, and hands the results over in order on the caller's thread.
 *
 * <p>Why it cannot deadlock, however many runs share the pool and the lanes: a run takes all buffers of a chunk in one
 * step and before the chunk goes to a lane, so a lane never waits; and a run that waits for buffers has no chunk in flight
 * and holds none, so the buffers it waits for are those of runs that can go on.
 *
 * @param buffersPerChunk 1 to 3
 */
record ChunkRun(BufferPool pool, Lanes lanes, int buffersPerChunk) {
    /** What a lane does with a chunk. */
    interface Work<T> {
        T apply(int chunk, List<ByteBuffer> buffers) throws IOException;
    }

    /** What the caller's thread does with a result, before the buffers are used again. */
    interface Sink<T> {
        void accept(int chunk, T result) throws IOException;
    }

    private record InFlight<T>(int chunk, List<ByteBuffer> buffers, Future<T> result) {}

    /**
     * Works on {@code count} chunks. When it returns or throws, no lane works for it any more and all buffers are back.
     *
     * @param chunkAt the chunk that is the n-th to be worked on
     * @throws IOException what the work or the sink threw, and so for unchecked exceptions
     * @throws CancellationException if the thread is interrupted; it stays so
     */
    <T> void inOrder(int count, IntUnaryOperator chunkAt, Work<T> work, Sink<T> sink) throws IOException {
        Deque<InFlight<T>> inFlight = new ArrayDeque<>();
        AtomicBoolean ended = new AtomicBoolean();
        Work<T> unlessEnded = (chunk, buffers) -> {
            if (ended.get()) {
                throw new CancellationException("the run has ended");
            }
            return work.apply(chunk, buffers);
        };
        int inFlightMax = lanes.threads() + 2;
        try {
            int next = 0;
            while (next < count || !inFlight.isEmpty()) {
                while (next < count && inFlight.size() < inFlightMax) {
                    Optional<List<ByteBuffer>> buffers = inFlight.isEmpty()
                            ? Optional.of(pool.acquire(buffersPerChunk))
                            : pool.tryAcquire(buffersPerChunk);
                    if (buffers.isEmpty()) {
                        break;
                    }
                    inFlight.add(start(chunkAt.applyAsInt(next), buffers.get(), unlessEnded));
                    next++;
                }
                InFlight<T> first = inFlight.element();
                sink.accept(first.chunk(), await(first.result()));
                pool.release(inFlight.remove().buffers());
            }
        } finally {
            ended.set(true);
            inFlight.forEach(this::abandon);
        }
    }

    private <T> InFlight<T> start(int chunk, List<ByteBuffer> buffers, Work<T> work) {
        boolean started = false;
        try {
            InFlight<T> running = new InFlight<>(chunk, buffers, lanes.submit(() -> work.apply(chunk, buffers)));
            started = true;
            return running;
        } finally {
            if (!started) {
                pool.release(buffers);
            }
        }
    }

    private static <T> T await(Future<T> result) throws IOException {
        try {
            return result.get();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while working on chunks");
        } catch (ExecutionException failed) {
            throw rethrown(failed.getCause());
        }
    }

    private static RuntimeException rethrown(Throwable cause) throws IOException {
        if (cause instanceof IOException failure) {
            throw failure;
        }
        if (cause instanceof Error error) {
            throw error;
        }
        return (RuntimeException) cause;
    }

    /**
     * Waits for the lane, even when interrupted: until it is done it uses the buffers, the source and the target. It is
     * never interrupted itself, as that would close the files it reads.
     */
    private <T> void abandon(InFlight<T> running) {
        boolean interrupted = false;
        while (!running.result().isDone()) {
            try {
                running.result().get();
            } catch (InterruptedException again) {
                interrupted = true;
            } catch (ExecutionException | CancellationException ended) {
                break;
            }
        }
        pool.release(running.buffers());
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
