package dev.moorage.protocol;

/** A training job. One store root belongs to one tenant, so a name needs no prefix. Matches {@code [a-z0-9][a-z0-9._-]{0,62}}. */
public record JobName(String value) implements Comparable<JobName> {
    public JobName {
        Check.name("job name", value);
    }

    @Override
    public int compareTo(JobName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
