package dev.moorage.protocol.record;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerifyDepth;
import java.util.List;

/**
 * What one verification found. Written once beside the manifest.
 *
 * @param number from 1
 * @param allShards whether every shard of the checkpoint was looked at
 * @param independentReader whether every shard was looked at by a worker other than the one that stored it
 * @param proven for people: what the depth proved on this store, for example "size only"
 * @param shards how many were looked at
 * @param bytesRead from the store
 * @param findings at most 1,000, the first ones; empty for GOOD
 * @param createdAtMillis wall clock in milliseconds since 1970, a label only
 */
public record Verdict(
        AttemptId attempt,
        int number,
        VerifyDepth depth,
        VerdictResult result,
        boolean allShards,
        boolean independentReader,
        String proven,
        int shards,
        long bytesRead,
        List<Finding> findings,
        Nonce nonce,
        long createdAtMillis) {
    public Verdict {
        requireNonNull(attempt);
        requireNonNull(depth);
        requireNonNull(result);
        requireNonNull(proven);
        requireNonNull(nonce);
        findings = List.copyOf(findings);
        if (number < 1) {
            throw CheckpointException.invalid(attempt + ": verdict number must be positive, was " + number);
        }
        if (shards < 0 || bytesRead < 0) {
            throw CheckpointException.invalid(
                    attempt + ": a verdict over " + shards + " shards, " + bytesRead + " bytes");
        }
        if ((result == VerdictResult.GOOD) != findings.isEmpty()) {
            throw CheckpointException.invalid(attempt + ": a verdict is GOOD exactly when it has no findings");
        }
    }

    /** Whether this verdict alone makes a checkpoint VERIFIED. */
    public boolean provesEverything() {
        return result == VerdictResult.GOOD && depth.kind() == VerifyDepth.Kind.FULL && allShards;
    }

    /** The same verdict under another number. */
    public Verdict withNumber(int other) {
        return new Verdict(
                attempt,
                other,
                depth,
                result,
                allShards,
                independentReader,
                proven,
                shards,
                bytesRead,
                findings,
                nonce,
                createdAtMillis);
    }
}
