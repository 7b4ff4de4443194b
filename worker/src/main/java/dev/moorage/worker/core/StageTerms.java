package dev.moorage.worker.core;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.SaveSpec;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What a rank says of a shard that it hands over.
 *
 * @param bytes of the shard
 * @param metadata of the user; counts for rank 0 only
 */
public record StageTerms(long bytes, Step step, ShardKind kind, ShardFormat format, Map<String, String> metadata) {
    // The metadata travels in one message with the shards' sums, and a message has 128 KiB.
    private static final long METADATA_BYTES_MAX = 64 * 1024;

    public StageTerms {
        requireNonNull(step);
        requireNonNull(kind);
        requireNonNull(format);
        metadata = Map.copyOf(metadata);
        SaveSpec.metadata(metadata);
        long metadataBytes = metadata.entrySet().stream()
                .mapToLong(entry -> utf8(entry.getKey()) + utf8(entry.getValue()))
                .sum();
        if (metadataBytes > METADATA_BYTES_MAX) {
            throw CheckpointException.invalid("step " + step + ": metadata has " + metadataBytes + " bytes, at most "
                    + METADATA_BYTES_MAX + " are allowed");
        }
        if (bytes < 0) {
            throw CheckpointException.invalid("step " + step + ": negative length of shard, " + bytes);
        }
    }

    private static long utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
