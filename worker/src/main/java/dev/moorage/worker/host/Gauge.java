package dev.moorage.worker.host;

import dev.moorage.checkpoint.Progress;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicLong;

/** How far a piece of work is, and the way to stop it. Safe for any number of threads. */
final class Gauge implements Progress {
    private final AtomicLong rawBytes = new AtomicLong();
    private final AtomicLong storedBytes = new AtomicLong();
    private volatile boolean cancelled;

    @Override
    public void bytes(long delta) {
        check();
        rawBytes.addAndGet(delta);
    }

    void stored(long bytes) {
        storedBytes.addAndGet(bytes);
    }

    long rawBytes() {
        return rawBytes.get();
    }

    long storedBytes() {
        return storedBytes.get();
    }

    void cancel() {
        cancelled = true;
    }

    /** @throws CancellationException once it is cancelled */
    void check() {
        if (cancelled) {
            throw new CancellationException("cancelled");
        }
    }
}
