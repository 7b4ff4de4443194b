package dev.moorage.protocol.record;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardId;

/**
 * A shard as it was staged: what an attempt has promised to store.
 *
 * @param rawBytes length before compression
 * @param rawCrc sum of those bytes, computed when the rank handed them over
 */
public record PlannedShard(ShardId shard, ShardFormat format, long rawBytes, Crc32c rawCrc) {
    public PlannedShard {
        requireNonNull(shard);
        requireNonNull(format);
        requireNonNull(rawCrc);
        if (rawBytes < 0) {
            throw CheckpointException.invalid(shard + ": negative length " + rawBytes);
        }
    }
}
