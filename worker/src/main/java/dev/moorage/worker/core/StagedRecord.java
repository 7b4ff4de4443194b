package dev.moorage.worker.core;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorldSize;
import java.util.Optional;

/**
 * What is known of a staged shard: the content of its sidecar, which a restarted daemon believes.
 *
 * @param group the replica group that the rank declared, of its own shard, too: it tells whether a replicated one belongs to it
 * @param codec the rank's default
 * @param depth the rank's default
 * @param crc of the shard's bytes when they were handed over
 */
public record StagedRecord(
        SegmentId segment,
        JobName job,
        RunNumber run,
        Rank rank,
        WorldSize worldSize,
        Optional<String> group,
        Optional<Codec> codec,
        Optional<VerifyDepth> depth,
        StageTerms terms,
        Crc32c crc) {
    public StagedRecord {
        requireNonNull(segment);
        requireNonNull(job);
        requireNonNull(run);
        requireNonNull(crc);
        requireNonNull(codec);
        requireNonNull(depth);
        requireNonNull(terms);
        if (!worldSize.contains(rank)) {
            throw CheckpointException.invalid(
                    "segment " + segment + ": rank " + rank + " is not below the world size " + worldSize);
        }
        if (group.isEmpty() && terms.kind() == ShardKind.REPLICATED) {
            throw CheckpointException.invalid("segment " + segment + ": a replicated shard without a replica group");
        }
    }

    /** The same with the sum that was computed. */
    public StagedRecord withCrc(Crc32c actual) {
        return new StagedRecord(segment, job, run, rank, worldSize, group, codec, depth, terms, actual);
    }

    /** For messages to people. */
    public String name() {
        return "job " + job + " run " + run + " step " + terms.step() + " rank " + rank
                + (terms.kind() == ShardKind.REPLICATED ? " (replicated)" : "");
    }
}
