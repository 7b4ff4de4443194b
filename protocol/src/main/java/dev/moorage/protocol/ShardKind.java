package dev.moorage.protocol;

/** Whether a shard is a rank's alone or held by a group of ranks with the same bytes. */
public enum ShardKind {
    /** Staged by one rank, held by its host alone. */
    OWN,
    /** The same length and sum on every rank of a replica group; stored once, under the group's lowest rank. */
    REPLICATED
}
