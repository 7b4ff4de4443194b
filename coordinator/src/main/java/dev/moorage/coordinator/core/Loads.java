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

/** The job-wide loads of a job: those under way and the last ones that ended. */
final class Loads {
    private static final int KEPT_MAX = 64;

    private final JobContext job;
    private final Map<Key, LoadPlan> plans = new LinkedHashMap<>();

    private record Key(RunNumber run, long ordinal) {}

    Loads(JobContext job) {
        this.job = job;
    }

    void asked(LoadAsked asked) {
        Optional<StateEntry.Run> run = job.runs().of(asked.run());
        if (run.isEmpty() || !job.runs().isLatest(asked.run())) {
            refuse(asked, job.runs().superseded(asked.run()));
        } else if (!run.get().worldSize().contains(asked.rank())) {
            refuse(
                    asked,
                    "rank " + asked.rank() + " is not below world size "
                            + run.get().worldSize());
        } else {
            Key key = new Key(asked.run(), asked.ordinal());
            LoadPlan plan = plans.get(key);
            if (plan == null) {
                plan = new LoadPlan(job, run.get(), asked.ordinal(), asked.selector());
                plans.put(key, plan);
                trim();
            }
            plan.asked(asked);
        }
    }

    private void refuse(LoadAsked asked, String why) {
        job.tell(
                asked.incarnation(),
                new ToWorker.LoadDecided(
                        job.job,
                        asked.run(),
                        asked.ordinal(),
                        asked.rank(),
                        job.epoch(),
                        Optional.empty(),
                        Optional.of(FailureKind.INVALID),
                        why));
    }

    private void trim() {
        if (plans.size() > KEPT_MAX) {
            plans.entrySet().stream()
                    .filter(entry -> entry.getValue().isEnded())
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .ifPresent(plans::remove);
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
                        .<Answer>map(LoadPlan::view)
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
    }

    void registered(Incarnation incarnation) {
        each(plan -> plan.registered(incarnation));
    }

    void epochRaised() {
        each(LoadPlan::epochRaised);
    }
}
