package dev.moorage.coordinator.core;

import dev.moorage.protocol.CheckpointException;

/**
 * How long a coordinator waits for whom, all in milliseconds and at least 1.
 *
 * @param lostMillis silence after which a worker is lost
 * @param returnMillis how long a part or load waits for a holder to come back
 * @param rankMillis how long the first rank's stage or load waits for the others
 * @param stuckMillis without a byte from a worker that is heard: its part is lost
 * @param saveMillis a whole save, verification or load
 * @param retryMillis between two tries of a store operation
 * @param idleMillis without workers and open work before the coordinator rests
 * @param saveRetries automatic attempts after the first, 0 to 100
 */
public record Timings(
        long lostMillis,
        long returnMillis,
        long rankMillis,
        long stuckMillis,
        long saveMillis,
        long retryMillis,
        long idleMillis,
        int saveRetries) {
    public static final Timings DEFAULT = new Timings(15_000, 90_000, 120_000, 60_000, 3_600_000, 1_000, 600_000, 1);

    public Timings {
        long least = Math.min(Math.min(lostMillis, returnMillis), Math.min(rankMillis, stuckMillis));
        if (Math.min(least, Math.min(saveMillis, Math.min(retryMillis, idleMillis))) < 1) {
            throw CheckpointException.invalid("every waiting time must be at least 1 ms");
        }
        if (saveRetries < 0 || saveRetries > 100) {
            throw CheckpointException.invalid("save-retries must be 0 to 100, was " + saveRetries);
        }
    }

    /** All waiting times multiplied by {@code factor}, never below 1 ms. */
    public Timings scaled(double factor) {
        return new Timings(
                scale(lostMillis, factor),
                scale(returnMillis, factor),
                scale(rankMillis, factor),
                scale(stuckMillis, factor),
                scale(saveMillis, factor),
                scale(retryMillis, factor),
                scale(idleMillis, factor),
                saveRetries);
    }

    private static long scale(long millis, double factor) {
        return Math.max(1, Math.round(millis * factor));
    }
}
