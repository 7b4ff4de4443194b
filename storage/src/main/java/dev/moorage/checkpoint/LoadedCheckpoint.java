package dev.moorage.checkpoint;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.record.Manifest;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A whole checkpoint in memory.
 *
 * @param shards the raw bytes of each, read-only
 * @param crc of the raw bytes of all shards one after the other, by rank and then own before replicated
 */
public record LoadedCheckpoint(Manifest.Committed manifest, SortedMap<ShardId, ByteBuffer> shards, Crc32c crc) {
    public LoadedCheckpoint {
        requireNonNull(manifest);
        requireNonNull(crc);
        TreeMap<ShardId, ByteBuffer> copy = new TreeMap<>(shards);
        copy.replaceAll((shard, bytes) -> bytes.asReadOnlyBuffer());
        shards = Collections.unmodifiableSortedMap(copy);
    }
}
