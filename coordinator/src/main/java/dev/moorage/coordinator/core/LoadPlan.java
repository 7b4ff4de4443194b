package dev.moorage.coordinator.core;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToCoordinator.LoadAsked;
import dev.moorage.protocol.cluster.ToCoordinator.LoadPrepared;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.record.StateEntry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One job-wide load: all ranks of a run get the same step back, or all get the same failure.
 *
 * <pre>
 *   gathering --all ranks asked--> choosing --candidate--> preparing --all good--> logging --RESTORE in the log--> decided
 *       |            ^                 ^                       |                                                      |
 *       |            |                 '--corrupt, latest------'                  a rank that asks later gets it too -'
 *       '--in the log already (choosing at once)               '--other failure--> failed
 * </pre>
 */
final class LoadPlan {
    private static final int TRIES_MAX = 3;

    private enum Phase {
        GATHERING,
        CHOOSING,
        PREPARING,
        LOGGING,
        DECIDED,
        FAILED
    }

    /** What may be loaded. A whole manifest with its part records would be kept for nothing. */
    private record Candidate(AttemptId attempt, LoadShards shards, String passedOver) {
        Step step() {
            return attempt.step();
        }
    }

    private final JobContext job;
    private final StateEntry.Run run;
    private final long ordinal;
    private final String selector;
    private final boolean inLog;
    private final long since;
    private long heardMillis;
    private final SortedMap<Rank, LoadRank> ranks = new TreeMap<>();
    private final Map<Step, String> refused = new HashMap<>();
    private Phase phase = Phase.GATHERING;
    private Optional<StoreOperation> awaited = Optional.empty();
    private Optional<Candidate> candidate = Optional.empty();
    private Optional<FailureKind> failure = Optional.empty();
    private String reason = "";

    LoadPlan(JobContext job, StateEntry.Run run, long ordinal, String selector) {
        this.job = job;
        this.run = run;
        this.ordinal = ordinal;
        Optional<Step> logged = job.runs().restored(run.run(), ordinal);
        this.inLog = logged.isPresent();
        this.selector = logged.map(Step::toString).orElse(selector);
        this.since = job.now();
        this.heardMillis = since;
    }

    boolean isEnded() {
        return phase == Phase.DECIDED || phase == Phase.FAILED;
    }

    /** Whether it ended so long ago that all ranks have asked for the last time, as a rule. */
    boolean isOver() {
        return isEnded() && job.now() - heardMillis >= job.timings.rankMillis();
    }

    void asked(LoadAsked asked) {
        heardMillis = job.now();
        if (!inLog && !asked.selector().equals(selector)) {
            tell(
                    asked.incarnation(),
                    asked.rank(),
                    Optional.empty(),
                    Optional.of(FailureKind.INVALID),
                    about()
                            + ": rank " + asked.rank() + " asks for '" + asked.selector()
                            + "', the first rank asked for '"
                            + selector + "': all ranks must ask for the same");
            return;
        }
        LoadRank rank = ranks.get(asked.rank());
        if (rank == null || !rank.isOf(asked)) {
            rank = new LoadRank(asked, job.now());
            ranks.put(asked.rank(), rank);
            candidate.ifPresent(known -> known.shards().asked(ranks.values()));
        }
        if (phase == Phase.FAILED) {
            tell(rank.incarnation, rank.rank, Optional.empty(), failure, reason);
        } else if (phase == Phase.GATHERING
                && (inLog || ranks.size() == run.worldSize().value())) {
            choose();
        } else if (candidate.isPresent()) {
            // Also for a rank that was ready: it may be another call, of a process that has come after. A worker that
            // has
            // it prepared says so again, and is told the decision then.
            prepare(rank);
        }
    }

    private void choose() {
        phase = Phase.CHOOSING;
        candidate = Optional.empty();
        await(new StoreOperation.Choose(run.run(), ordinal, selector, refused));
    }

    private void await(StoreOperation operation) {
        awaited = Optional.of(operation);
        job.perform(operation);
    }

    boolean awaits(StoreOperation operation) {
        return awaited.filter(operation::equals).isPresent();
    }

    void stored(StoreOperation operation, StoreResult result) {
        if (!awaits(operation)) {
            return;
        }
        if (result instanceof StoreResult.Chosen found) {
            awaited = Optional.empty();
            onChosen(found);
        } else if (result instanceof StoreResult.Failed failed && failed.kind() != FailureKind.UNAVAILABLE) {
            awaited = Optional.empty();
            fail(failed.kind(), failed.reason());
        }
    }

    private void onChosen(StoreResult.Chosen found) {
        if (!found.manifest().spec().worldSize().equals(run.worldSize())) {
            fail(
                    FailureKind.INVALID,
                    found.manifest().attempt() + " has world size "
                            + found.manifest().spec().worldSize() + ", run " + run.run() + " has " + run.worldSize()
                            + ": start as many ranks, or restore it to files");
            return;
        }
        AttemptId attempt = found.manifest().attempt();
        Optional<StoreResult.HeadSeen> unreadable =
                found.heads().stream().filter(head -> head.header().isEmpty()).findFirst();
        if (unreadable.isPresent()) {
            onBad(
                    attempt.step(),
                    unreadable.get().failure().orElseThrow(),
                    unreadable.get().reason());
            return;
        }
        LoadShards shards = new LoadShards(found.heads());
        shards.asked(ranks.values());
        Optional<String> mismatch = inLog ? Optional.empty() : shards.mismatch();
        if (mismatch.isPresent()) {
            fail(FailureKind.INVALID, attempt + " " + mismatch.get());
            return;
        }
        candidate = Optional.of(new Candidate(attempt, shards, JobContext.cut(found.passedOver())));
        phase = inLog ? Phase.DECIDED : Phase.PREPARING;
        job.note(about(), "candidate " + attempt);
        ranks.values().forEach(rank -> {
            rank.restart(job.now());
            prepare(rank);
        });
    }

    private void prepare(LoadRank rank) {
        Candidate found = candidate.orElseThrow();
        Optional<String> mismatch = found.shards().mismatch(rank);
        if (mismatch.isPresent()) {
            onMismatch(rank, found.attempt() + " " + mismatch.get());
            return;
        }
        found.shards()
                .of(rank)
                .ifPresent(shards -> job.tell(
                        rank.incarnation,
                        new ToWorker.PrepareLoad(
                                job.job, run.run(), ordinal, rank.rank, job.epoch(), found.attempt(), shards)));
    }

    /** Another process of the rank has asked, with other groups than those of the save: a decision holds for the others. */
    private void onMismatch(LoadRank rank, String why) {
        if (phase == Phase.PREPARING) {
            fail(FailureKind.INVALID, why);
        } else {
            tell(rank.incarnation, rank.rank, Optional.empty(), Optional.of(FailureKind.INVALID), about() + ": " + why);
        }
    }

    void prepared(LoadPrepared prepared) {
        heardMillis = job.now();
        LoadRank rank = ranks.get(prepared.rank());
        boolean current = rank != null
                && rank.incarnation.equals(prepared.incarnation())
                && candidate
                        .filter(found -> found.step().equals(prepared.step()))
                        .isPresent();
        if (!current || (phase != Phase.PREPARING && phase != Phase.DECIDED)) {
            return;
        }
        if (prepared.failure().isPresent()) {
            onPrepareFailed(rank, prepared.failure().get(), prepared.reason());
        } else {
            rank.ready();
            if (phase == Phase.DECIDED) {
                tellDecided(rank);
            } else if (ranks.values().stream().allMatch(LoadRank::isReady)) {
                phase = Phase.LOGGING;
            }
        }
    }

    private void onPrepareFailed(LoadRank rank, FailureKind kind, String why) {
        if (kind == FailureKind.UNAVAILABLE && rank.failedOnce() < TRIES_MAX) {
            prepare(rank);
        } else if (phase == Phase.DECIDED) {
            tell(rank.incarnation, rank.rank, Optional.empty(), Optional.of(kind), why);
        } else {
            onBad(candidate.orElseThrow().step(), kind, "rank " + rank.rank + ": " + why);
        }
    }

    /** A candidate that cannot be read: the next one if any will do, else the end. */
    private void onBad(Step step, FailureKind kind, String why) {
        boolean bad = kind == FailureKind.CORRUPT || kind == FailureKind.NOT_FOUND;
        if (bad && !inLog && selector.startsWith("latest")) {
            refused.put(step, JobContext.cut(why));
            job.note(about(), "passes over step " + step + ": " + why);
            choose();
        } else {
            fail(kind, why);
        }
    }

    /** What the log should hold before anybody is told. */
    Optional<StateEntry.Restore> wantsLogged() {
        return phase == Phase.LOGGING
                ? Optional.of(new StateEntry.Restore(
                        run.run(), ordinal, candidate.orElseThrow().step()))
                : Optional.empty();
    }

    /** The log holds this step for the load: tell all ranks, or start over with what somebody else has logged. */
    void logged(Step step) {
        if (phase == Phase.LOGGING && step.equals(wantsLogged().orElseThrow().step())) {
            phase = Phase.DECIDED;
            job.note(about(), "decided: step " + step);
            ranks.values().forEach(this::tellDecided);
        } else if (phase == Phase.LOGGING) {
            fail(FailureKind.UNAVAILABLE, "another coordinator decided for step " + step + "; load again");
        }
    }

    /** The decision cannot be logged, and nobody is told of one that is not: the next load finds what the log holds then. */
    void logBroken(StoreResult.Failed failure) {
        if (phase == Phase.LOGGING) {
            fail(failure.kind(), failure.reason());
        }
    }

    private void tellDecided(LoadRank rank) {
        Step step = candidate.orElseThrow().step();
        tell(rank.incarnation, rank.rank, Optional.of(step), Optional.empty(), passedOver());
    }

    private void tell(Incarnation to, Rank rank, Optional<Step> step, Optional<FailureKind> kind, String why) {
        job.tell(to, new ToWorker.LoadDecided(job.job, run.run(), ordinal, rank, job.epoch(), step, kind, why));
    }

    private void fail(FailureKind kind, String why) {
        phase = Phase.FAILED;
        awaited = Optional.empty();
        failure = Optional.of(kind);
        reason = JobContext.cut(about() + ": " + why);
        job.note(about(), "failed: " + why);
        ranks.values().forEach(rank -> tell(rank.incarnation, rank.rank, Optional.empty(), failure, reason));
    }

    void tick() {
        if (phase == Phase.DECIDED) {
            endWaiting();
        }
        if (isEnded()) {
            return;
        }
        long waited = job.now() - since;
        if (phase == Phase.GATHERING && waited >= job.timings.rankMillis()) {
            fail(
                    FailureKind.UNAVAILABLE,
                    "ranks " + missing() + " did not ask within " + job.timings.rankMillis() / 1000.0
                            + " s of the first");
        } else if (waited >= job.timings.saveMillis()) {
            fail(FailureKind.UNAVAILABLE, "not done within " + job.timings.saveMillis() / 1000 + " s");
        } else if (phase == Phase.PREPARING) {
            List<Rank> lost = ranks.values().stream()
                    .filter(rank -> !rank.isReady() && rank.isLost(job))
                    .map(rank -> rank.rank)
                    .toList();
            if (!lost.isEmpty()) {
                fail(FailureKind.UNAVAILABLE, "the workers of ranks " + RankSet.of(lost) + " are lost");
            }
        }
    }

    /** A rank that asks after the decision is served alone, unless its shard is found by another, which may never ask again. */
    private void endWaiting() {
        LoadShards shards = candidate.orElseThrow().shards();
        List<LoadRank> waiting = ranks.values().stream()
                .filter(rank -> job.now() - rank.askedMillis >= job.timings.rankMillis())
                .filter(rank ->
                        shards.of(rank).isEmpty() && shards.mismatch(rank).isEmpty())
                .toList();
        for (LoadRank rank : waiting) {
            ranks.remove(rank.rank);
            tell(
                    rank.incarnation,
                    rank.rank,
                    Optional.empty(),
                    Optional.of(FailureKind.UNAVAILABLE),
                    about() + ": the shard of replica group '" + rank.group.orElse("")
                            + "' is found by the lowest rank of the group, which did not ask within "
                            + job.timings.rankMillis() / 1000.0 + " s of rank " + rank.rank
                            + ": load again with all ranks");
        }
    }

    /** Repeats the orders of a worker that has registered again. */
    void registered(Incarnation incarnation) {
        if (phase == Phase.PREPARING) {
            ranks.values().stream()
                    .filter(rank -> !rank.isReady() && rank.incarnation.equals(incarnation))
                    .forEach(this::prepare);
        }
    }

    void epochRaised() {
        if (phase == Phase.PREPARING) {
            ranks.values().stream().filter(rank -> !rank.isReady()).forEach(this::prepare);
        }
    }

    private String passedOver() {
        return candidate.map(Candidate::passedOver).orElse("");
    }

    private RankSet missing() {
        return RankSet.of(
                run.worldSize().ranks().filter(rank -> !ranks.containsKey(rank)).toList());
    }

    Answer.LoadView view() {
        return new Answer.LoadView(
                job.job,
                run.run(),
                ordinal,
                candidate.map(Candidate::step),
                JobContext.cut(RankSet.of(ranks.keySet())),
                JobContext.cut(missing()),
                (int) ranks.values().stream().filter(LoadRank::isReady).count(),
                phase == Phase.DECIDED,
                failure,
                phase == Phase.FAILED ? reason : passedOver());
    }

    private String about() {
        return "job " + job.job + " run " + run.run() + " load " + ordinal;
    }
}
