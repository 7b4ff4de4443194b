package dev.moorage.client;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorldSize;
import java.util.Optional;

/**
 * Who a rank is when it joins its host's worker.
 *
 * @param replicaGroup name of the ranks that hold the same replicated shard; empty: this rank stages its own shard only
 * @param codec the rank's default
 * @param depth the rank's default
 */
public record Attachment(
        JobName job,
        RunToken run,
        Rank rank,
        WorldSize worldSize,
        Optional<String> replicaGroup,
        Optional<Codec> codec,
        Optional<VerifyDepth> depth) {
    public Attachment {
        requireNonNull(job);
        requireNonNull(run);
        requireNonNull(replicaGroup);
        requireNonNull(codec);
        requireNonNull(depth);
        if (!worldSize.contains(rank)) {
            throw CheckpointException.invalid("rank " + rank + " is not below the world size " + worldSize);
        }
    }
}
