package dev.moorage.client;

import dev.moorage.protocol.CheckpointException;
import java.time.Duration;
import java.util.concurrent.CancellationException;

/** Growing waits between tries, within one deadline on the monotonic clock. For one thread. */
final class BackOff {
    private final Duration min;
    private final Duration max;
    private final long end;
    private Duration next;

    BackOff(ClientSettings settings, Duration deadline) {
        this.min = settings.backOffMin();
        this.max = settings.backOffMax();
        this.end = System.nanoTime() + deadline.toNanos();
        this.next = min;
    }

    /** What is left, not below zero. */
    Duration left() {
        return Duration.ofNanos(Math.max(0, end - System.nanoTime()));
    }

    /** Something answered: the next wait is short again. */
    void reset() {
        next = min;
    }

    /**
     * Waits before the next try.
     *
     * @param failure thrown as it is when the deadline would pass in the meantime
     */
    void pause(CheckpointException failure) {
        if (left().compareTo(next) <= 0) {
            throw failure;
        }
        try {
            Thread.sleep(next.toMillis());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while waiting to try again");
        }
        next = next.multipliedBy(2).compareTo(max) > 0 ? max : next.multipliedBy(2);
    }
}
