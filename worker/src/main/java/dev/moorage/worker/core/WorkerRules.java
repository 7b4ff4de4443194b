package dev.moorage.worker.core;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.CheckpointException;
import java.time.Duration;

/**
 * The limits and times that the rules count with.
 *
 * @param stagingBytesMax of all segments together
 * @param whenFull what happens to a lease for which there is no room
 * @param times how long things may take
 */
public record WorkerRules(long stagingBytesMax, WhenFull whenFull, Times times) {
    public WorkerRules {
        requireNonNull(whenFull);
        requireNonNull(times);
        if (stagingBytesMax < 1) {
            throw CheckpointException.invalid("staging-bytes-max must be positive, was " + stagingBytesMax);
        }
    }

    /** What happens to a lease for which there is no room. */
    public enum WhenFull {
        /** It waits until a segment is free, up to {@link Times#leaseWait}. */
        WAIT,
        /** It fails, and the other ranks' staging of that step ends at once. */
        SKIP,
        /** It fails. */
        FAIL
    }

    /**
     * How long things may take.
     *
     * @param register between registrations
     * @param ownLookUp without orders about a step that is read, until the worker reads the outcome itself
     * @param attachWait until a run must be numbered
     * @param leaseWait until a lease must have its segment
     * @param loadWait until a load must be decided
     */
    public record Times(
            Duration register, Duration ownLookUp, Duration attachWait, Duration leaseWait, Duration loadWait) {
        /** 5 s, 30 s, 2 min, 10 min, 1 h. */
        public static final Times DEFAULT = new Times(
                Duration.ofSeconds(5),
                Duration.ofSeconds(30),
                Duration.ofMinutes(2),
                Duration.ofMinutes(10),
                Duration.ofHours(1));

        public Times {
            if (register.isNegative() || register.isZero()) {
                throw CheckpointException.invalid("the time between registrations must be positive, was " + register);
            }
        }

        /** All of them multiplied. */
        public Times scaled(double factor) {
            return new Times(
                    scaled(register, factor),
                    scaled(ownLookUp, factor),
                    scaled(attachWait, factor),
                    scaled(leaseWait, factor),
                    scaled(loadWait, factor));
        }

        private static Duration scaled(Duration time, double factor) {
            return Duration.ofNanos(Math.max(1, Math.round(time.toNanos() * factor)));
        }
    }
}
