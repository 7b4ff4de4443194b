package dev.moorage.coordinator.core;

import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.cluster.ToCoordinator.RankStaged;
import dev.moorage.protocol.cluster.ToCoordinator.SaveAsked;
import dev.moorage.protocol.cluster.ToCoordinator.StagingSkipped;
import dev.moorage.protocol.record.StateEntry;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What makes a step worth saving: what the ranks have staged for it, and what saves have asked for. Each run is for itself:
 * shards of two runs never meet.
 */
final class SaveDemand {
    private final JobContext job;
    private final SortedMap<RunNumber, Staging> byRun = new TreeMap<>();
    private SaveWishes wishes = SaveWishes.NONE;
    private Optional<StagingSkipped> givenUp = Optional.empty();

    SaveDemand(JobContext job) {
        this.job = job;
    }

    /** Whether nobody wants the step: the latest run has staged nothing of it, and no save waits for it. */
    boolean isNone() {
        return current().isEmpty() && !wishes.asked();
    }

    SaveWishes wishes() {
        return wishes;
    }

    void ask(SaveAsked asked) {
        wishes = wishes.with(asked);
    }

    /** An attempt was opened, or there will be none: the next one needs to be asked for again. */
    void spent() {
        wishes = wishes.spent();
        givenUp = Optional.empty();
    }

    /** What the latest run has staged, if all of its ranks have. */
    Optional<Staging> whole() {
        return current().filter(staging -> staging.isWhole(job.runs()));
    }

    /** What the latest run has staged. */
    Optional<Staging> current() {
        return job.runs().latest().map(StateEntry.Run::run).flatMap(this::of);
    }

    /** Whether all that the next attempt takes is still staged, with workers that live. */
    boolean isStillThere() {
        return current().filter(all -> all.isStillThere(job)).isPresent();
    }

    void add(RankStaged rank) {
        byRun.computeIfAbsent(rank.run(), Staging::new).add(rank);
        givenUp = givenUp.filter(
                skipped -> !skipped.run().equals(rank.run()) || !skipped.rank().equals(rank.rank()));
    }

    /** Keeps the word until it is taken, as it is said once only; of two, that of the newer run. */
    void skip(StagingSkipped skipped) {
        boolean counts = of(skipped.run())
                .map(staging -> staging.skip(skipped.rank(), skipped.incarnation()))
                .orElse(true);
        boolean older =
                givenUp.filter(kept -> kept.run().compareTo(skipped.run()) > 0).isPresent();
        if (counts && !older) {
            givenUp = Optional.of(skipped);
        }
    }

    /** For people: which rank of the latest run has given the step up and has not staged it since. It is told once. */
    Optional<String> takeGivenUp() {
        Optional<String> told = givenUp.filter(skipped -> job.runs().isLatest(skipped.run()))
                .map(skipped -> "rank " + skipped.rank() + " skipped the step: " + skipped.reason());
        givenUp = Optional.empty();
        return told;
    }

    /** To be called when no attempt is open: what has been skipped does not count for the next one. */
    void dropSkipped() {
        byRun.values().forEach(Staging::dropSkipped);
        byRun.values().removeIf(Staging::isEmpty);
    }

    /** What one run has staged. */
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
