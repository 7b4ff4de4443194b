package dev.moorage.storage;

import static java.util.Objects.requireNonNull;

import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;

/**
 * Lets bytes pass at a rate. Whoever takes first passes first, whatever the sizes; what was not used for up to a tenth of a
 * second may be used later at once. Any number of threads.
 *
 * <p>The virtual scheduling form of the generic cell rate algorithm (ITU-T I.371, annex A): one number, the time at which the
 * line is free again, takes the place of a counter and a refill timer.
 */
final class TokenBucket {
    /** How long unused time may be saved up, in nanoseconds. */
    static final long BURST_NANOS = 100_000_000;

    private final double nanosPerByte;
    private final Time time;
    private long free;

    /** Time as the bucket sees it, so that a test need not wait. */
    interface Time {
        /** The real one. */
        Time REAL = new Time() {
            @Override
            public long nanos() {
                return System.nanoTime();
            }

            @Override
            public void sleep(long nanos) throws InterruptedException {
                TimeUnit.NANOSECONDS.sleep(nanos);
            }
        };

        /** Never goes back. */
        long nanos();

        /** Returns at once for 0. */
        void sleep(long nanos) throws InterruptedException;
    }

    /** @param bytesPerSecond positive */
    TokenBucket(long bytesPerSecond, Time time) {
        this.nanosPerByte = 1e9 / bytesPerSecond;
        this.time = requireNonNull(time);
        this.free = time.nanos();
    }

    /**
     * Waits until {@code bytes} may pass.
     *
     * @throws CancellationException if the thread is interrupted; it stays so
     */
    void take(long bytes) {
        try {
            time.sleep(reserve(bytes));
        } catch (InterruptedException interrupted) {
            giveBack(bytes);
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while waiting for bandwidth");
        }
    }

    /** Those behind in the queue keep the times that they were told; the next ones come earlier. */
    private synchronized void giveBack(long bytes) {
        free -= nanos(bytes);
    }

    private long nanos(long bytes) {
        return (long) Math.ceil(bytes * nanosPerByte);
    }

    /** Takes a place in the queue and answers how long to wait for it. */
    private synchronized long reserve(long bytes) {
        long now = time.nanos();
        if (free - now < -BURST_NANOS) {
            free = now - BURST_NANOS;
        }
        long wait = Math.max(0, free - now);
        free += nanos(bytes);
        return wait;
    }
}
