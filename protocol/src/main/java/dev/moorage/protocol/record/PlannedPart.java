package dev.moorage.protocol.record;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.PartNumber;
import java.util.List;

/**
 * Shards with the same holders that one worker stores together; one part record each.
 *
 * @param shards at least one, ascending by id
 */
public record PlannedPart(PartNumber part, List<PlannedShard> shards) {
    public PlannedPart {
        requireNonNull(part);
        shards = List.copyOf(shards);
        if (shards.isEmpty()) {
            throw CheckpointException.invalid("part " + part + " has no shards");
        }
        for (int i = 1; i < shards.size(); i++) {
            if (shards.get(i - 1).shard().compareTo(shards.get(i).shard()) >= 0) {
                throw CheckpointException.invalid("part " + part + ": shards must ascend without repeats");
            }
        }
    }

    /** Raw bytes of all shards. */
    public long rawBytes() {
        return shards.stream().mapToLong(PlannedShard::rawBytes).sum();
    }
}
