package dev.moorage.protocol.record;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.VerdictResult;
import java.util.OptionalInt;

/**
 * Something that does not hold.
 *
 * @param result CORRUPT or INCOMPLETE
 * @param chunk its number in the shard, from 0; empty where the whole object is meant
 * @param message what, where, expected and actual
 */
public record Finding(ShardId shard, VerdictResult result, OptionalInt chunk, String message) {
    public Finding {
        requireNonNull(shard);
        requireNonNull(result);
        requireNonNull(chunk);
        requireNonNull(message);
        if (chunk.orElse(0) < 0) {
            throw CheckpointException.invalid(shard + ": negative chunk " + chunk.getAsInt());
        }
        if (result == VerdictResult.GOOD) {
            throw CheckpointException.invalid("a finding is CORRUPT or INCOMPLETE");
        }
    }
}
