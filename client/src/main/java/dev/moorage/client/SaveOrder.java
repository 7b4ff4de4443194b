package dev.moorage.client;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorldSize;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What one process asks to be saved on behalf of all ranks.
 *
 * @param shards of ranks 0 to N-1, in this order; N is the world size
 * @param codec empty: the cluster's default
 * @param depth of the verification after the commit, empty: the cluster's default
 * @param metadata the user's own
 * @param deadline from the first byte to the end of the verification
 */
public record SaveOrder(
        JobName job,
        Step step,
        List<RankShard> shards,
        Optional<Codec> codec,
        Optional<VerifyDepth> depth,
        Map<String, String> metadata,
        Duration deadline) {
    public SaveOrder {
        requireNonNull(job);
        requireNonNull(step);
        requireNonNull(codec);
        requireNonNull(depth);
        requireNonNull(deadline);
        shards = List.copyOf(shards);
        metadata = Map.copyOf(metadata);
        for (int i = 0; i < shards.size(); i++) {
            if (shards.get(i).rank().value() != i) {
                throw CheckpointException.invalid(job + " step " + step + ": rank "
                        + shards.get(i).rank() + " at position " + i + "; shards of all ranks are needed, in order");
            }
        }
    }

    /** How many ranks there are. */
    public WorldSize worldSize() {
        return new WorldSize(shards.size());
    }

    /** Raw bytes of all shards. */
    public long rawBytes() {
        return shards.stream().mapToLong(shard -> shard.source().length()).sum();
    }
}
