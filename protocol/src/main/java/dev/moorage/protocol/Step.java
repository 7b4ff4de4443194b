package dev.moorage.protocol;

/** A training step, 0 to 2^63-1. */
public record Step(long value) implements Comparable<Step> {
    public Step {
        Check.range("step", value, 0, Long.MAX_VALUE);
    }

    /**
     * Reads a decimal number.
     *
     * @throws CheckpointException INVALID for anything else
     */
    public static Step parse(String text) {
        try {
            return new Step(Long.parseLong(text));
        } catch (NumberFormatException notANumber) {
            throw CheckpointException.invalid("a step is a number from 0 to 2^63-1, was " + Check.quote(text));
        }
    }

    @Override
    public int compareTo(Step other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
