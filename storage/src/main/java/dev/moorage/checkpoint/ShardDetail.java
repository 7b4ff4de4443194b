package dev.moorage.checkpoint;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.record.StoredShard;
import java.util.List;

/**
 * What is inside a shard.
 *
 * @param tensors by where they begin; empty for opaque bytes
 * @param chunks all of it
 */
public record ShardDetail(List<TensorEntry> tensors, ChunkTable chunks) {
    public ShardDetail {
        tensors = List.copyOf(tensors);
        requireNonNull(chunks);
        long rawBytes = chunks.rawBytes();
        for (TensorEntry tensor : tensors) {
            Bounds.holds(
                    tensor.end() <= rawBytes,
                    "tensor " + tensor.name() + " ends at " + tensor.end() + " of " + rawBytes + " bytes");
        }
    }

    /**
     * Checks that the chunks are those of {@code shard}: sizes and sums, raw and stored.
     *
     * @throws dev.moorage.protocol.CheckpointException INVALID if they are not
     */
    public void describes(StoredShard shard) {
        same(shard, "raw bytes", shard.rawBytes(), chunks.rawBytes());
        same(shard, "stored bytes", shard.storedBytes(), chunks.storedBytes());
        same(shard, "sum of raw bytes", shard.rawCrc(), chunks.rawCrc());
        same(shard, "sum of stored bytes", shard.storedCrc(), chunks.storedCrc());
    }

    private static void same(StoredShard shard, String what, Object stated, Object combined) {
        Bounds.holds(
                stated.equals(combined),
                shard.shard() + ": " + what + " " + stated + ", but its chunks add up to " + combined);
    }
}
