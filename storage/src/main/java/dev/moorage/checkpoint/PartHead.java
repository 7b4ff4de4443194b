package dev.moorage.checkpoint;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.record.PartHeader;
import dev.moorage.protocol.record.PartRef;

/**
 * The head of a part record that was read whole and whose sums held.
 *
 * @param ref size and sum of the object as it was read, and the ranks whose shards are in it
 * @param rawBytes of all shards before compression
 * @param storedBytes of all shard objects
 */
public record PartHead(PartHeader header, PartRef ref, long rawBytes, long storedBytes) {
    public PartHead {
        requireNonNull(header);
        requireNonNull(ref);
    }
}
