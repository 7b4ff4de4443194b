package dev.moorage.protocol;

/** A training step, 0 to 2^63-1. */
public record Step(long value) implements Comparable<Step> {
    public Step {
        Check.range("step", value, 0, Long.MAX_VALUE);
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
