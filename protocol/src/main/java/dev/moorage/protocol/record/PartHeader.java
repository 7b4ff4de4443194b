package dev.moorage.protocol.record;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.WorkerId;
import java.util.List;

/**
 * The head of a part record: who stored what. The tensor index and the chunk table of each shard follow it on the store
 * and are read only when they are needed.
 *
 * @param worker who stored the part, and in which life
 * @param shards ascending by id
 */
public record PartHeader(
        AttemptId attempt,
        RunNumber run,
        PartNumber part,
        WorkerId worker,
        Incarnation incarnation,
        Nonce nonce,
        List<StoredShard> shards) {
    public PartHeader {
        requireNonNull(attempt);
        requireNonNull(run);
        requireNonNull(part);
        requireNonNull(worker);
        requireNonNull(incarnation);
        requireNonNull(nonce);
        shards = List.copyOf(shards);
    }
}
