package dev.moorage.protocol;

/** A rank as in {@code torch.distributed}, 0 to 999,999. */
public record Rank(int value) implements Comparable<Rank> {
    public Rank {
        Check.range("rank", value, 0, 999_999);
    }

    @Override
    public int compareTo(Rank other) {
        return Integer.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Integer.toString(value);
    }
}
