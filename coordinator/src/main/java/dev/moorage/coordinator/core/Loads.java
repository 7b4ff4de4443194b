package dev.moorage.coordinator.core;

import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToCoordinator.LoadAsked;
import dev.moorage.protocol.cluster.ToCoordinator.LoadPrepared;
import dev.moorage.protocol.cluster.ToCoordinator.LoadViewAsked;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.record.StateEntry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The job-wide loads of a job: those under way, and how the last ones ended. Of an ended one only the answer stays: whoever
 * asks again for one that was decided is served from the log and the store.
 */
final class Loads {
    private static final int KEPT_MAX = 64;

    private final JobContext job;
    private final Map<Key, LoadPlan> plans = new LinkedHashMap<>();
    private final Map<Key, Answer.LoadView> ended = new LinkedHashMap<>();

    private record Key(RunNumber run, long ordinal) {}

    Loads(JobContext job) {
        this.job = job;
    }

    void asked(LoadAsked asked) {
        Optional<StateEntry.Run> run = job.runs().of(asked.run());
        if (run.isEmpty() || !job.runs().isLatest(asked.run())) {
            refuse(asked, FailureKind.INVALID, job.runs().superseded(asked.run()));
        } else if (!run.get().worldSize().contains(asked.rank())) {
            refuse(
                    asked,
                    FailureKind.INVALID,
                    "rank " + asked.rank() + " is not below world size "
                            + run.get().worldSize());
        } else {
            Key key = new Key(asked.run(), asked.ordinal());
            Optional<Answer.LoadView> failed = Optional.ofNullable(ended.get(key))
                    .filter(view -> view.failure().isPresent());
            if (failed.isPresent()) {
                refuse(asked, failed.get().failure().orElseThrow(), failed.get().reason());
            } else {
                plans.computeIfAbsent(key, fresh -> new LoadPlan(job, run.get(), asked.ordinal(), asked.selector()))
                        .asked(asked);
            }
        }
    }

    private void refuse(LoadAsked asked, FailureKind kind, String why) {
        job.tell(
                asked.incarnation(),
                new ToWorker.LoadDecided(
                        job.job,
                        asked.run(),
                        asked.ordinal(),
                        asked.rank(),
                        job.epoch(),
                        Optional.empty(),
                        Optional.of(kind),
                        why));
    }

    private void trim() {
        plans.entrySet().removeIf(entry -> {
            boolean over = entry.getValue().isOver();
            if (over) {
                ended.put(entry.getKey(), entry.getValue().view());
            }
            return over;
        });
        while (ended.size() > KEPT_MAX) {
            ended.remove(ended.keySet().iterator().next());
        }
    }

    void prepared(LoadPrepared prepared) {
        Optional.ofNullable(plans.get(new Key(prepared.run(), prepared.ordinal())))
                .ifPresent(plan -> plan.prepared(prepared));
    }

    void view(long ticket, LoadViewAsked asked) {
        job.reply(
                ticket,
                Optional.ofNullable(plans.get(new Key(asked.run(), asked.ordinal())))
                        .map(LoadPlan::view)
                        .or(() -> Optional.ofNullable(ended.get(new Key(asked.run(), asked.ordinal()))))
                        .map(Answer.class::cast)
                        .orElseGet(() -> new Answer.Refused(
                                FailureKind.NOT_FOUND,
                                "job " + job.job + " run " + asked.run() + ": no load " + asked.ordinal() + " here")));
    }

    /** Decisions that wait for the log, in the order of their loads. */
    List<StateEntry.Restore> wantLogged() {
        return plans.values().stream()
                .flatMap(plan -> plan.wantsLogged().stream())
                .toList();
    }

    /** Passes on what the log holds for loads that wait for it. */
    void logChanged() {
        plans.forEach(
                (key, plan) -> job.runs().restored(key.run(), key.ordinal()).ifPresent(plan::logged));
    }

    void logBroken(StoreResult.Failed failure) {
        each(plan -> plan.logBroken(failure));
    }

    boolean isIdle() {
        return plans.values().stream().allMatch(LoadPlan::isEnded);
    }

    boolean awaits(StoreOperation.OfLoad operation) {
        return plan(operation).filter(plan -> plan.awaits(operation)).isPresent();
    }

    void stored(StoreOperation.OfLoad operation, StoreResult result) {
        plan(operation).ifPresent(plan -> plan.stored(operation, result));
    }

    private Optional<LoadPlan> plan(StoreOperation.OfLoad operation) {
        return Optional.ofNullable(plans.get(new Key(operation.run(), operation.ordinal())));
    }

    private void each(Consumer<LoadPlan> action) {
        List.copyOf(plans.values()).forEach(action);
    }

    void tick() {
        each(LoadPlan::tick);
        trim();
    }

    void registered(Incarnation incarnation) {
        each(plan -> plan.registered(incarnation));
    }

    void epochRaised() {
        each(LoadPlan::epochRaised);
    }
}
