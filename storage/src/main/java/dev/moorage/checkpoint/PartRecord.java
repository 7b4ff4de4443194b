package dev.moorage.checkpoint;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.record.PartHeader;
import java.util.List;

/**
 * A whole part record: who stored what, and what is inside.
 *
 * @param details of the shards, in the order of {@code header.shards()}; each one is checked against its shard
 */
public record PartRecord(PartHeader header, List<ShardDetail> details) {
    public PartRecord {
        requireNonNull(header);
        details = List.copyOf(details);
        Bounds.holds(
                details.size() == header.shards().size(),
                "part " + header.part() + " has " + header.shards().size() + " shards and " + details.size()
                        + " details");
        for (int i = 0; i < details.size(); i++) {
            details.get(i).describes(header.shards().get(i));
        }
    }
}
