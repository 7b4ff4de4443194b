package dev.moorage.coordinator.core;

import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.cluster.ToCoordinator.RankStaged;
import dev.moorage.protocol.cluster.ToCoordinator.StagingSkipped;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/** What has been staged for one step, each run for itself: shards of two runs never meet. */
final class StagedRuns {
    private final SortedMap<RunNumber, Staging> byRun = new TreeMap<>();

    void add(RankStaged rank) {
        byRun.computeIfAbsent(rank.run(), Staging::new).add(rank);
    }

    void skip(StagingSkipped skipped) {
        of(skipped.run()).ifPresent(staging -> staging.skip(skipped.rank(), skipped.incarnation()));
    }

    /** To be called when no attempt is open: what has been skipped does not count for the next one. */
    void dropSkipped() {
        byRun.values().forEach(Staging::dropSkipped);
        byRun.values().removeIf(Staging::isEmpty);
    }

    Optional<Staging> of(RunNumber run) {
        return Optional.ofNullable(byRun.get(run));
    }

    void keepOnly(Predicate<RunNumber> wanted) {
        byRun.keySet().removeIf(wanted.negate());
    }

    /** Lives that hold something of any run. */
    Set<Incarnation> holders() {
        Set<Incarnation> holders = new HashSet<>();
        byRun.values().forEach(staging -> holders.addAll(staging.holders()));
        return holders;
    }
}
