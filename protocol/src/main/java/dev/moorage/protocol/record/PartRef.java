package dev.moorage.protocol.record;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.RankSet;

/**
 * A part as the manifest names it.
 *
 * @param bytes length of the part record object
 * @param crc of the whole part record object
 * @param own ranks whose own shards are in it
 * @param replicated lowest ranks of the replica groups whose shards are in it
 */
public record PartRef(PartNumber part, long bytes, Crc32c crc, RankSet own, RankSet replicated) {
    public PartRef {
        requireNonNull(part);
        requireNonNull(crc);
        requireNonNull(own);
        requireNonNull(replicated);
        if (bytes < 0) {
            throw CheckpointException.invalid("part " + part + ": negative length of its record " + bytes);
        }
    }
}
