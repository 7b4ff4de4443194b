package dev.moorage.protocol;

/** The number that the job-state log gave to a run token, from 1. Higher runs supersede lower ones. */
public record RunNumber(long value) implements Comparable<RunNumber> {
    public RunNumber {
        Check.range("run number", value, 1, Long.MAX_VALUE);
    }

    @Override
    public int compareTo(RunNumber other) {
        return Long.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Long.toString(value);
    }
}
