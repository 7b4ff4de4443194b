package dev.moorage.coordinator.core;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.record.PlannedPart;
import dev.moorage.protocol.record.PlannedShard;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which shards make a part, and who should store it. Shards of one part have the same holders, so any holder can take over
 * the whole part. Equal input in any order gives equal parts.
 *
 * @param parts number i at index i
 */
public record Assignment(List<Placed> parts) {
    /** More would not fit into one message to a worker. */
    static final int SHARDS_PER_PART_MAX = 1_000;

    private static final Comparator<HeldShard> LARGEST_FIRST = Comparator.comparingLong(
                    (HeldShard held) -> held.shard().rawBytes())
            .reversed()
            .thenComparing(held -> held.shard().shard());

    public Assignment {
        parts = List.copyOf(parts);
    }

    /**
     * A shard and who has it staged.
     *
     * @param holders at least one
     */
    public record HeldShard(PlannedShard shard, SortedSet<WorkerId> holders) {
        public HeldShard {
            holders = new TreeSet<>(holders);
            if (holders.isEmpty()) {
                throw CheckpointException.invalid(shard.shard() + " has no holder");
            }
        }
    }

    /**
     * A part, and the holder that should store it as long as it lives.
     *
     * @param holders any of them could
     */
    public record Placed(PlannedPart part, WorkerId preferred, SortedSet<WorkerId> holders) {}

    /** One bucket: shards with the same holders that the same worker stores. */
    private record Bucket(List<WorkerId> holders, WorkerId worker, int page) {}

    /**
     * Balances the bytes over the holders: shards with a single holder are placed first, then the largest ones each to the
     * holder with the least so far.
     */
    public static Assignment of(List<HeldShard> shards) {
        Map<Bucket, List<PlannedShard>> buckets = new HashMap<>();
        Map<WorkerId, Long> load = new HashMap<>();
        shards.stream()
                .sorted(Comparator.<HeldShard>comparingInt(
                                held -> held.holders().size())
                        .thenComparing(LARGEST_FIRST))
                .forEach(held -> place(held, buckets, load));
        Map<PlannedShard, Placed> byFirst = new TreeMap<>(Comparator.comparing(PlannedShard::shard));
        buckets.forEach((bucket, members) -> {
            List<PlannedShard> sorted = members.stream()
                    .sorted(Comparator.comparing(PlannedShard::shard))
                    .toList();
            byFirst.put(
                    sorted.get(0),
                    new Placed(
                            new PlannedPart(new PartNumber(0), sorted),
                            bucket.worker(),
                            new TreeSet<>(bucket.holders())));
        });
        List<Placed> numbered = new ArrayList<>();
        for (Placed placed : byFirst.values()) {
            PlannedPart part = new PlannedPart(
                    new PartNumber(numbered.size()), placed.part().shards());
            numbered.add(new Placed(part, placed.preferred(), placed.holders()));
        }
        return new Assignment(numbered);
    }

    private static void place(HeldShard held, Map<Bucket, List<PlannedShard>> buckets, Map<WorkerId, Long> load) {
        WorkerId worker = held.holders().stream()
                .min(Comparator.<WorkerId>comparingLong(holder -> load.getOrDefault(holder, 0L))
                        .thenComparing(Comparator.naturalOrder()))
                .orElseThrow();
        load.merge(worker, held.shard().rawBytes(), Long::sum);
        List<WorkerId> holders = List.copyOf(held.holders());
        int page = 0;
        while (buckets.getOrDefault(new Bucket(holders, worker, page), List.of())
                        .size()
                >= SHARDS_PER_PART_MAX) {
            page++;
        }
        buckets.computeIfAbsent(new Bucket(holders, worker, page), fresh -> new ArrayList<>())
                .add(held.shard());
    }

    /** The parts as the intent names them. */
    public List<PlannedPart> planned() {
        return parts.stream().map(Placed::part).toList();
    }
}
