package dev.moorage.client;

import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import java.util.List;
import java.util.Map;

/**
 * A rank's state as it came back: verified, in shared memory.
 *
 * @param attempt of the step, from 1
 * @param metadata the user's own
 * @param passedOver newer steps that were not taken, and why; empty when none were
 */
public record LoadedState(
        Step step, int attempt, List<LoadedShard> shards, Map<String, String> metadata, String passedOver) {
    public LoadedState {
        shards = List.copyOf(shards);
        metadata = Map.copyOf(metadata);
    }

    /**
     * One shard.
     *
     * @param segment holds it from its first byte; give it back with {@link HostSession#release}
     * @param bytes of the shard
     * @param crc of those bytes
     */
    public record LoadedShard(ShardKind kind, ShardFormat format, Segment segment, long bytes, Crc32c crc) {}
}
