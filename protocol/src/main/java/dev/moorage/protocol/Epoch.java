package dev.moorage.protocol;

/** A generation of the coordinator of a job, from 1. Workers drop orders of lower epochs. */
public record Epoch(long value) implements Comparable<Epoch> {
    public Epoch {
        Check.range("epoch", value, 1, Long.MAX_VALUE);
    }

    @Override
    public int compareTo(Epoch other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
