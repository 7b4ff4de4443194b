package dev.moorage.checkpoint;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.record.StoredShard;

/**
 * A shard that was made durable: what its part record says of it.
 *
 * @param stored name, sizes and sums
 * @param detail tensors and chunks
 */
public record WrittenShard(StoredShard stored, ShardDetail detail) {
    public WrittenShard {
        requireNonNull(stored);
        requireNonNull(detail);
    }
}
