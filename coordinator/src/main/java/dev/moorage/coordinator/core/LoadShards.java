package dev.moorage.coordinator.core;

import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.cluster.ToWorker.ShardToLoad;
import dev.moorage.protocol.record.StoredShard;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Which shards of a checkpoint each rank of a load gets: its own, and that of its replica group. A checkpoint names a group by
 * its lowest rank alone, so a group is found by the one of its ranks that the checkpoint names.
 */
final class LoadShards {
    private final Map<Rank, ShardToLoad> own = new HashMap<>();
    private final SortedMap<Rank, ShardToLoad> replicated = new TreeMap<>();
    private final Map<String, SortedSet<Rank>> groups = new TreeMap<>();
    private final SortedSet<Rank> without = new TreeSet<>();

    /** @param heads all of them readable */
    LoadShards(List<StoreResult.HeadSeen> heads) {
        for (StoreResult.HeadSeen head : heads) {
            for (StoredShard stored : head.header().orElseThrow().shards()) {
                ShardId id = stored.shard();
                (id.kind() == ShardKind.OWN ? own : replicated).put(id.rank(), new ShardToLoad(head.ref(), id));
            }
        }
    }

    void asked(Collection<LoadRank> ranks) {
        groups.clear();
        without.clear();
        ranks.forEach(this::asked);
    }

    private void asked(LoadRank rank) {
        SortedSet<Rank> named = rank.group
                .map(group -> groups.computeIfAbsent(group, fresh -> new TreeSet<>()))
                .orElse(without);
        if (replicated.containsKey(rank.rank)) {
            named.add(rank.rank);
        }
    }

    /** Why the groups of all ranks, who have asked, are not those of the checkpoint; empty if they may be. */
    Optional<String> mismatch() {
        return without.stream()
                .findFirst()
                .map(LoadShards::lacksGroup)
                .or(() -> groups.keySet().stream()
                        .filter(group ->
                                replicated.size() > 1 && groups.get(group).size() != 1)
                        .findFirst()
                        .map(this::otherGroup));
    }

    /** Why the rank gets nothing, whoever else may ask; empty if it gets its shards now or may get them later. */
    Optional<String> mismatch(LoadRank rank) {
        if (without.contains(rank.rank)) {
            return Optional.of(lacksGroup(rank.rank));
        }
        return rank.group
                .filter(group -> replicated.size() > 1 && groups.get(group).size() > 1)
                .map(this::otherGroup);
    }

    private static String lacksGroup(Rank rank) {
        return "holds a replicated shard of the replica group of rank " + rank
                + ", which has attached without a group: attach it with that group, or restore it to files";
    }

    private String otherGroup(String group) {
        return "holds replicated shards of the groups of ranks "
                + JobContext.cut(RankSet.of(replicated.keySet()).toString()) + " and up, of which "
                + groups.get(group).size() + " are in replica group '" + group
                + "': attach the ranks with the groups of the save, or restore it to files";
    }

    /** What the rank gets; empty as long as nobody has asked by whom its group can be found. */
    Optional<List<ShardToLoad>> of(LoadRank rank) {
        List<ShardToLoad> shards = new ArrayList<>(2);
        Optional.ofNullable(own.get(rank.rank)).ifPresent(shards::add);
        if (rank.group.isPresent() && !replicated.isEmpty()) {
            SortedSet<Rank> named = groups.get(rank.group.get());
            if (replicated.size() > 1 && named.size() != 1) {
                return Optional.empty();
            }
            shards.add(replicated.get(replicated.size() == 1 ? replicated.firstKey() : named.first()));
        }
        return Optional.of(shards);
    }
}
