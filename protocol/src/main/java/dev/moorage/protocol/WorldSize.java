package dev.moorage.protocol;

import java.util.stream.IntStream;
import java.util.stream.Stream;

/** How many ranks a run has, 1 to 1,000,000. */
public record WorldSize(int value) {
    public WorldSize {
        Check.range("world size", value, 1, 1_000_000);
    }

    /** Whether {@code rank} is below this size. */
    public boolean contains(Rank rank) {
        return rank.value() < value;
    }

    /** All ranks, ascending. */
    public Stream<Rank> ranks() {
        return IntStream.range(0, value).mapToObj(Rank::new);
    }

    @Override
    public String toString() {
        return Integer.toString(value);
    }
}
