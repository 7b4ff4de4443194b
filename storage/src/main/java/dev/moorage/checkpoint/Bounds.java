package dev.moorage.checkpoint;

import dev.moorage.protocol.CheckpointException;

/** The checks that the values of this package share; each failure is INVALID. */
final class Bounds {
    private Bounds() {}

    static void range(String what, long value, long min, long max) {
        holds(value >= min && value <= max, what + " must be " + min + " to " + max + ", was " + value);
    }

    static void holds(boolean holds, String message) {
        if (!holds) {
            throw CheckpointException.invalid(message);
        }
    }
}
