package dev.moorage.protocol.record;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.SaveSpec;
import java.util.List;

/**
 * What an attempt is going to store, written once before any of it.
 *
 * @param run whose ranks staged it
 * @param parts at least one, number i at index i; together all shards of the attempt
 * @param epoch of the coordinator that opened the attempt
 * @param createdAtMillis wall clock in milliseconds since 1970, a label only
 */
public record Intent(
        AttemptId attempt,
        RunNumber run,
        SaveSpec spec,
        List<PlannedPart> parts,
        Epoch epoch,
        Nonce nonce,
        long createdAtMillis) {
    public Intent {
        requireNonNull(attempt);
        requireNonNull(run);
        requireNonNull(spec);
        requireNonNull(epoch);
        requireNonNull(nonce);
        parts = List.copyOf(parts);
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
