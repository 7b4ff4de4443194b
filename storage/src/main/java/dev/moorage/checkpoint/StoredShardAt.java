package dev.moorage.checkpoint;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.StoredShard;

/** A shard and the part whose record describes it. */
public record StoredShardAt(PartRef part, StoredShard shard) {
    public StoredShardAt {
        requireNonNull(part);
        requireNonNull(shard);
    }
}
