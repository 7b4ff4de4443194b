package dev.moorage.worker.host;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardKind;
import java.util.List;
import java.util.Map;

/**
 * A rank's state: every sum holds.
 *
 * @param source what was loaded
 * @param shards the own one first
 * @param metadata of the checkpoint
 * @param passedOver newer steps that were not taken, and why; empty if there were none
 * @param shared whether other calls were answered with the same segments
 */
public record Loaded(
        AttemptId source, List<LoadedShard> shards, Map<String, String> metadata, String passedOver, boolean shared) {
    public Loaded {
        shards = List.copyOf(shards);
        metadata = Map.copyOf(metadata);
    }

    /**
     * One shard of it.
     *
     * @param segment as long as the shard; to be released
     * @param crc of its bytes
     */
    public record LoadedShard(ShardKind kind, ShardFormat format, Segment segment, Crc32c crc) {}
}
