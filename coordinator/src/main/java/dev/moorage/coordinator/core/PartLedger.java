package dev.moorage.coordinator.core;

import dev.moorage.checkpoint.Layout;
import dev.moorage.coordinator.core.StoreResult.InventoryTaken;
import dev.moorage.coordinator.core.StoreResult.PartSeen;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.record.Intent;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PartHeader;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.PlannedPart;
import dev.moorage.protocol.record.PlannedShard;
import dev.moorage.protocol.record.StoredShard;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Which parts of an attempt have a record, as those records were read from the store. The first record of a part stays. */
final class PartLedger {
    private final Intent intent;
    private final SortedMap<PartNumber, PartSeen> done = new TreeMap<>();

    PartLedger(Intent intent) {
        this.intent = intent;
    }

    Intent intent() {
        return intent;
    }

    /** Takes a record that was read. Answers why it breaks the promise of the intent; empty if it keeps it. */
    Optional<String> accept(PartSeen seen) {
        Optional<String> broken = breach(seen);
        if (broken.isEmpty()) {
            done.putIfAbsent(seen.header().part(), seen);
        }
        return broken;
    }

    private Optional<String> breach(PartSeen seen) {
        PartHeader header = seen.header();
        if (!header.attempt().equals(intent.attempt())
                || !header.run().equals(intent.run())
                || header.part().value() >= intent.parts().size()) {
            return Optional.of("the record of part " + header.part() + " is of " + header.attempt() + " run "
                    + header.run() + ", not of " + intent.attempt() + " run " + intent.run());
        }
        List<PlannedShard> promised = intent.parts().get(header.part().value()).shards();
        if (promised.size() != header.shards().size()) {
            return Optional.of("the record of part " + header.part() + " has "
                    + header.shards().size() + " shards, the intent " + promised.size());
        }
        for (int i = 0; i < promised.size(); i++) {
            StoredShard stored = header.shards().get(i);
            if (!stored.keeps(promised.get(i))) {
                return Optional.of(difference(header.part(), promised.get(i), stored));
            }
        }
        return Optional.empty();
    }

    private static String difference(PartNumber part, PlannedShard promised, StoredShard stored) {
        return "the record of part " + part + " breaks the promise of the intent: expected " + promised.shard() + " "
                + promised.format() + " with " + promised.rawBytes() + " bytes and CRC32C " + promised.rawCrc()
                + ", found " + stored.shard() + " " + stored.format() + " with " + stored.rawBytes()
                + " bytes and CRC32C " + stored.rawCrc();
    }

    boolean isDone(PartNumber part) {
        return done.containsKey(part);
    }

    boolean isComplete() {
        return done.size() == intent.parts().size();
    }

    int partsDone() {
        return done.size();
    }

    /** Parts without a record, ascending. */
    List<PlannedPart> open() {
        return intent.parts().stream()
                .filter(part -> !done.containsKey(part.part()))
                .toList();
    }

    Collection<PartSeen> done() {
        return done.values();
    }

    long rawBytes() {
        return intent.parts().stream().mapToLong(PlannedPart::rawBytes).sum();
    }

    long rawBytesDone() {
        return stored().stream().mapToLong(StoredShard::rawBytes).sum();
    }

    long storedBytesDone() {
        return stored().stream().mapToLong(StoredShard::storedBytes).sum();
    }

    /** What is not on the store as the records say it is, with rank and key named; empty if everything is. */
    Optional<String> lackIn(InventoryTaken inventory) {
        for (PartSeen seen : done.values()) {
            PartRef ref = seen.ref();
            Optional<String> record = compare(
                    "record " + Layout.part(intent.attempt(), ref.part()),
                    ref.bytes(),
                    inventory.parts().get(ref.part()));
            if (record.isPresent()) {
                return record;
            }
            for (StoredShard shard : seen.header().shards()) {
                String key = Layout.shard(intent.attempt(), shard);
                Optional<String> lack = compare(
                        shard.shard() + " at " + key,
                        shard.storedBytes(),
                        inventory.shards().get(key));
                if (lack.isPresent()) {
                    return lack;
                }
            }
        }
        return Optional.empty();
    }

    private static Optional<String> compare(String what, long expected, Long found) {
        if (found == null) {
            return Optional.of(what + " has gone from the store (expected " + expected + " bytes)");
        }
        return found == expected
                ? Optional.empty()
                : Optional.of(what + " has " + found + " bytes on the store, expected " + expected);
    }

    /** The commit that all records together allow. */
    Manifest.Committed manifest(JobContext job) {
        return new Manifest.Committed(
                intent.attempt(),
                intent.run(),
                intent.spec(),
                done.values().stream().map(PartSeen::ref).toList(),
                rawBytesDone(),
                storedBytesDone(),
                job.epoch(),
                job.marks.nonce(),
                job.marks.createdAtMillis());
    }

    /** The ranks whose shards are in these parts, for people. */
    static RankSet ranksOf(Collection<PlannedPart> parts) {
        return RankSet.of(parts.stream()
                .flatMap(part -> part.shards().stream())
                .map(PlannedShard::shard)
                .map(ShardId::rank)
                .toList());
    }

    private List<StoredShard> stored() {
        return done.values().stream()
                .flatMap(seen -> seen.header().shards().stream())
                .toList();
    }
}
