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
        ranks.forEach(this::asked);
    }

    void asked(LoadRank rank) {
        rank.group.ifPresent(group -> {
            SortedSet<Rank> named = groups.computeIfAbsent(group, fresh -> new TreeSet<>());
            if (replicated.containsKey(rank.rank)) {
                named.add(rank.rank);
            }
        });
    }

    /** Why the groups of the ranks that have asked are not those of the checkpoint; empty if they may be. */
    Optional<String> mismatch() {
        return groups.keySet().stream()
                .filter(group -> replicated.size() > 1 && groups.get(group).size() != 1)
                .findFirst()
                .map(group -> "holds replicated shards of the groups of ranks "
                        + JobContext.cut(RankSet.of(replicated.keySet()).toString()) + " and up, of which "
                        + groups.get(group).size() + " are in replica group '" + group
                        + "': attach the ranks with the groups of the save, or restore it to files");
    }

    /** What the rank gets; empty as long as nobody has asked by whom its group can be found. */
    Optional<List<ShardToLoad>> of(LoadRank rank) {
        List<ShardToLoad> shards = new ArrayList<>(2);
        Optional.ofNullable(own.get(rank.rank)).ifPresent(shards::add);
        if (rank.group.isPresent() && !replicated.isEmpty()) {
            SortedSet<Rank> named = groups.getOrDefault(rank.group.get(), new TreeSet<>());
            if (replicated.size() > 1 && named.size() != 1) {
                return Optional.empty();
            }
            shards.add(replicated.get(replicated.size() == 1 ? replicated.firstKey() : named.first()));
        }
        return Optional.of(shards);
    }
}
