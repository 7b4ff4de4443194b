package dev.moorage.checkpoint;

import dev.moorage.protocol.CheckpointException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * All the direct memory that the chunks of a process may take. Buffers have one size, which holds a raw chunk as well as
 * the longest that a codec can make of one; they are made when first needed and then used again, the one that was given back last
 * first: it may still be in the processor's cache.
 *
 * <p>Whoever needs several at a time must ask for all in one call: those who wait hold nothing, so waiting always ends. The
 * queue is fair. Safe for any number of threads.
 */
public final class BufferPool {
    /** Length of one buffer: a chunk of 4 MiB and what zstd may add to bytes that do not compress. */
    public static final int BUFFER_BYTES = ChunkEntry.STORED_BYTES_MAX;

    private static final int SET_MAX = 3;

    private final int capacity;
    private final Duration patience;
    private final Semaphore permits;
    private final ConcurrentLinkedDeque<ByteBuffer> free = new ConcurrentLinkedDeque<>();

    /**
     * A pool with a patience of five minutes.
     *
     * @param bytesMax of all buffers together; at least three buffers
     * @throws CheckpointException INVALID if less
     */
    public BufferPool(long bytesMax) {
        this(bytesMax, Duration.ofMinutes(5));
    }

    /** @param patience how long a caller waits for buffers before it is told UNAVAILABLE */
    public BufferPool(long bytesMax, Duration patience) {
        if (bytesMax < (long) SET_MAX * BUFFER_BYTES) {
            throw CheckpointException.invalid("a buffer pool needs at least " + SET_MAX * BUFFER_BYTES + " bytes for "
                    + SET_MAX + " buffers, was given " + bytesMax);
        }
        this.capacity = (int) Math.min(bytesMax / BUFFER_BYTES, Integer.MAX_VALUE);
        this.patience = patience;
        this.permits = new Semaphore(capacity, true);
    }

    /** How many buffers there may be. */
    public int capacity() {
        return capacity;
    }

    /** How many buffers nobody holds now. */
    public int available() {
        return permits.availablePermits();
    }

    /**
     * Waits for {@code count} empty buffers, all at once.
     *
     * @throws CheckpointException UNAVAILABLE after the pool's patience
     * @throws CancellationException if the thread is interrupted; it stays so
     */
    List<ByteBuffer> acquire(int count) {
        try {
            if (!permits.tryAcquire(count, patience.toNanos(), TimeUnit.NANOSECONDS)) {
                throw CheckpointException.unavailable(
                        "no chunk buffer became free within " + patience.toSeconds() + " s; all " + capacity
                                + " are in use: the store may be stuck, or the buffer memory too small");
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while waiting for chunk buffers");
        }
        return take(count);
    }

    /** {@code count} empty buffers if they are free and nobody waits for any. */
    Optional<List<ByteBuffer>> tryAcquire(int count) {
        try {
            // The timed form, unlike the plain one, does not overtake those who wait.
            return permits.tryAcquire(count, 0, TimeUnit.NANOSECONDS) ? Optional.of(take(count)) : Optional.empty();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    /** Gives back what one call took. Nobody may use the buffers afterwards. */
    void release(List<ByteBuffer> buffers) {
        free.addAll(buffers);
        permits.release(buffers.size());
    }

    private List<ByteBuffer> take(int count) {
        List<ByteBuffer> taken = new ArrayList<>(count);
        try {
            for (int i = 0; i < count; i++) {
                ByteBuffer reused = free.pollLast();
                taken.add(reused == null ? ByteBuffer.allocateDirect(BUFFER_BYTES) : reused.clear());
            }
            return taken;
        } catch (OutOfMemoryError tooLittle) {
            free.addAll(taken);
            permits.release(count);
            throw CheckpointException.unavailable(
                    "the JVM has too little direct memory for the " + capacity + " chunk buffers of " + BUFFER_BYTES
                            + " bytes; raise -XX:MaxDirectMemorySize or lower the buffer memory");
        }
    }
}
