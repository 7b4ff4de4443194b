package dev.moorage.protocol.record;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.SaveSpec;
import java.util.List;

/** The outcome of an attempt: the one object whose creation is the commit, or the abort. Never changes. */
public sealed interface Manifest {
    /** Whose outcome it is. */
    AttemptId attempt();

    /** Marks the write. */
    Nonce nonce();

    /**
     * The checkpoint exists.
     *
     * @param run whose ranks staged it
     * @param parts at least one, number i at index i
     * @param rawBytes of all shards before compression
     * @param storedBytes of all shard objects
     * @param epoch of the coordinator that committed it
     * @param createdAtMillis wall clock in milliseconds since 1970, a label only
     */
    record Committed(
            AttemptId attempt,
            RunNumber run,
            SaveSpec spec,
            List<PartRef> parts,
            long rawBytes,
            long storedBytes,
            Epoch epoch,
            Nonce nonce,
            long createdAtMillis)
            implements Manifest {
        public Committed {
            requireNonNull(attempt);
            requireNonNull(run);
            requireNonNull(spec);
            requireNonNull(epoch);
            requireNonNull(nonce);
            parts = List.copyOf(parts);
            if (rawBytes < 0 || storedBytes < 0) {
                throw CheckpointException.invalid(
                        attempt + ": negative length, raw " + rawBytes + " or stored " + storedBytes);
            }
            if (parts.isEmpty()) {
                throw CheckpointException.invalid(attempt + ": no parts, though there is at least one rank");
            }
            for (int i = 0; i < parts.size(); i++) {
                if (parts.get(i).part().value() != i) {
                    throw CheckpointException.invalid(
                            attempt + ": part " + parts.get(i).part() + " at position " + i);
                }
            }
        }
    }

    /**
     * There is no checkpoint and never will be one of this attempt.
     *
     * @param reason for people: what failed, with ranks and hosts named
     * @param epoch of the coordinator that aborted it
     * @param createdAtMillis wall clock in milliseconds since 1970, a label only
     */
    record Aborted(AttemptId attempt, String reason, Epoch epoch, Nonce nonce, long createdAtMillis)
            implements Manifest {
        public Aborted {
            requireNonNull(attempt);
            requireNonNull(reason);
            requireNonNull(epoch);
            requireNonNull(nonce);
        }
    }
}
