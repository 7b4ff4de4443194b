package dev.moorage.coordinator.core;

import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.WorldSize;
import dev.moorage.protocol.cluster.ToCoordinator.RankStaged;
import dev.moorage.protocol.cluster.ToCoordinator.StagedShard;
import dev.moorage.protocol.record.PlannedPart;
import dev.moorage.protocol.record.PlannedShard;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** What the ranks of one run have staged for one step, and which worker holds it. The last word of a rank counts. */
final class Staging {
    private final RunNumber run;
    private final SortedMap<Rank, RankStaged> ranks = new TreeMap<>();
    private final Set<Rank> skipped = new HashSet<>();

    Staging(RunNumber run) {
        this.run = run;
    }

    RunNumber run() {
        return run;
    }

    void add(RankStaged staged) {
        ranks.put(staged.rank(), staged);
        skipped.remove(staged.rank());
    }

    /**
     * A life does not hold, or will not take, what the rank stages. An open attempt learns that when it asks for it.
     *
     * @return false if another life has staged the rank: what this one skips is not missed
     */
    boolean skip(Rank rank, Incarnation from) {
        RankStaged staged = ranks.get(rank);
        if (staged == null) {
            return true;
        }
        boolean holder = staged.incarnation().equals(from);
        if (holder) {
            skipped.add(rank);
        }
        return holder;
    }

    void dropSkipped() {
        ranks.keySet().removeAll(skipped);
        skipped.clear();
    }

    boolean isEmpty() {
        return ranks.isEmpty();
    }

    Collection<RankStaged> all() {
        return ranks.values();
    }

    RankSet staged() {
        return RankSet.of(ranks.keySet());
    }

    RankSet missing(WorldSize worldSize) {
        return RankSet.of(
                worldSize.ranks().filter(rank -> !ranks.containsKey(rank)).toList());
    }

    /** Whether all ranks of the run have staged. */
    boolean isWhole(Runs runs) {
        return runs.of(run)
                .filter(known -> known.worldSize().value() == ranks.size())
                .isPresent();
    }

    /** Whether all of it is there, with workers that live. */
    boolean isStillThere(JobContext job) {
        return isWhole(job.runs()) && holders().stream().allMatch(job::isLive);
    }

    /** Raw bytes that a checkpoint of this would have: replicated shards count once. */
    long rawBytes() {
        return plan().stream().mapToLong(held -> held.shard().rawBytes()).sum();
    }

    /** Lives that hold something. */
    Set<Incarnation> holders() {
        Set<Incarnation> holders = new HashSet<>();
        ranks.values().forEach(staged -> holders.add(staged.incarnation()));
        return holders;
    }

    /** The codec that the lowest rank with an opinion asked for. */
    Codec codec() {
        return ranks.values().stream()
                .flatMap(staged -> staged.codec().stream())
                .findFirst()
                .orElse(Codec.DEFAULT);
    }

    /** The depth that the lowest rank with an opinion asked for. */
    VerifyDepth depth() {
        return ranks.values().stream()
                .flatMap(staged -> staged.depth().stream())
                .findFirst()
                .orElse(VerifyDepth.NONE);
    }

    /** The metadata of rank 0. */
    Map<String, String> metadata() {
        return Optional.ofNullable(ranks.get(new Rank(0)))
                .map(RankStaged::metadata)
                .orElse(Map.of());
    }

    /** Why these shards cannot make a checkpoint: replicas that differ, with the ranks named; empty if they can. */
    Optional<String> disagreement() {
        SortedMap<String, RankStaged> first = new TreeMap<>();
        for (RankStaged staged : ranks.values()) {
            for (StagedShard shard : replicated(staged)) {
                RankStaged other = first.putIfAbsent(group(shard), staged);
                if (other != null) {
                    StagedShard expected = replicated(other).stream()
                            .filter(candidate -> group(candidate).equals(group(shard)))
                            .findFirst()
                            .orElseThrow();
                    if (!sameBytes(expected, shard)) {
                        return Optional.of("replica group '" + group(shard) + "' differs: rank " + other.rank()
                                + " staged " + describe(expected) + ", rank " + staged.rank() + " staged "
                                + describe(shard) + "; stage equal bytes on all ranks of a group, or own shards");
                    }
                }
            }
        }
        return Optional.empty();
    }

    /** All shards of the step with their holders; a replicated one under the lowest rank of its group. */
    List<Assignment.HeldShard> plan() {
        List<Assignment.HeldShard> plan = new ArrayList<>();
        SortedMap<String, Rank> lowest = new TreeMap<>();
        SortedMap<String, SortedSet<WorkerId>> holders = new TreeMap<>();
        SortedMap<String, StagedShard> shards = new TreeMap<>();
        for (RankStaged staged : ranks.values()) {
            for (StagedShard shard : staged.shards()) {
                if (shard.kind() == ShardKind.OWN) {
                    plan.add(new Assignment.HeldShard(
                            planned(staged.rank(), shard), new TreeSet<>(Set.of(staged.worker()))));
                } else {
                    lowest.putIfAbsent(group(shard), staged.rank());
                    shards.putIfAbsent(group(shard), shard);
                    holders.computeIfAbsent(group(shard), fresh -> new TreeSet<>())
                            .add(staged.worker());
                }
            }
        }
        shards.forEach((group, shard) ->
                plan.add(new Assignment.HeldShard(planned(lowest.get(group), shard), holders.get(group))));
        return plan;
    }

    /** Workers that hold every shard of the part, byte for byte as far as their sums tell. */
    SortedSet<WorkerId> holdersOf(PlannedPart part) {
        SortedSet<WorkerId> common = null;
        for (PlannedShard shard : part.shards()) {
            SortedSet<WorkerId> holders = holdersOf(shard);
            if (common == null) {
                common = holders;
            } else {
                common.retainAll(holders);
            }
            if (common.isEmpty()) {
                break;
            }
        }
        return common == null ? new TreeSet<>() : common;
    }

    private SortedSet<WorkerId> holdersOf(PlannedShard promise) {
        Collection<RankStaged> candidates = promise.shard().kind() == ShardKind.OWN
                ? Optional.ofNullable(ranks.get(promise.shard().rank())).stream()
                        .toList()
                : ranks.values();
        SortedSet<WorkerId> holders = new TreeSet<>();
        for (RankStaged staged : candidates) {
            for (StagedShard shard : staged.shards()) {
                if (planned(promise.shard().rank(), shard).equals(promise)) {
                    holders.add(staged.worker());
                }
            }
        }
        return holders;
    }

    private static PlannedShard planned(Rank rank, StagedShard shard) {
        return new PlannedShard(new ShardId(rank, shard.kind()), shard.format(), shard.bytes(), shard.crc());
    }

    private static List<StagedShard> replicated(RankStaged staged) {
        return staged.shards().stream()
                .filter(shard -> shard.kind() == ShardKind.REPLICATED)
                .toList();
    }

    private static String group(StagedShard shard) {
        return shard.group().orElse("");
    }

    private static boolean sameBytes(StagedShard one, StagedShard other) {
        return one.bytes() == other.bytes() && one.crc().equals(other.crc()) && one.format() == other.format();
    }

    private static String describe(StagedShard shard) {
        return shard.bytes() + " bytes with CRC32C " + shard.crc();
    }
}
