package dev.moorage.protocol;

import static java.util.Objects.requireNonNull;

import java.util.Comparator;

/** A shard of a checkpoint. A replicated one is named by the lowest rank of its group. Sorted by rank, then kind. */
public record ShardId(Rank rank, ShardKind kind) implements Comparable<ShardId> {
    private static final Comparator<ShardId> ORDER =
            Comparator.comparing(ShardId::rank).thenComparing(ShardId::kind);

    public ShardId {
        requireNonNull(rank);
        requireNonNull(kind);
    }

    /** The own shard of a rank. */
    public static ShardId own(int rank) {
        return new ShardId(new Rank(rank), ShardKind.OWN);
    }

    @Override
    public int compareTo(ShardId other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return kind == ShardKind.OWN ? "rank " + rank : "rank " + rank + " (replicated)";
    }
}
