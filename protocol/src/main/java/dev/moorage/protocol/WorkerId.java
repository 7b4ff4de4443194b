package dev.moorage.protocol;

/** A host daemon, kept over its restarts. Matches {@code [a-z0-9][a-z0-9._-]{0,62}}. */
public record WorkerId(String value) implements Comparable<WorkerId> {
    public WorkerId {
        Check.name("worker name", value);
    }

    @Override
    public int compareTo(WorkerId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
