package dev.moorage.worker.core;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorldSize;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What a rank says of itself when it joins its run.
 *
 * @param token of its run, the same on all ranks of it
 * @param replicaGroup ranks that hold the same replicated shard state the same name; empty: it stages its own shard only
 * @param codec its default, empty for none stated
 * @param depth its default verification, empty for none stated
 * @param pid of its process, 0 for unknown; for people
 */
public record Attachment(
        JobName job,
        RunToken token,
        Rank rank,
        WorldSize worldSize,
        Optional<String> replicaGroup,
        Optional<Codec> codec,
        Optional<VerifyDepth> depth,
        long pid) {
    private static final Pattern GROUP = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,62}");

    public Attachment {
        requireNonNull(job);
        requireNonNull(token);
        requireNonNull(codec);
        requireNonNull(depth);
        if (!worldSize.contains(rank)) {
            throw CheckpointException.invalid(
                    "job " + job + ": rank " + rank + " is not below the world size " + worldSize);
        }
        if (replicaGroup.isPresent() && !GROUP.matcher(replicaGroup.get()).matches()) {
            throw CheckpointException.invalid(
                    "job " + job + " rank " + rank + ": the name of a replica group must match " + GROUP.pattern());
        }
        if (pid < 0) {
            throw CheckpointException.invalid("job " + job + " rank " + rank + ": negative process id " + pid);
        }
    }
}
