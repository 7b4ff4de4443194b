package dev.moorage.coordinator.core;

import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.VerificationStatus;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToCoordinator.PartProgress;
import dev.moorage.protocol.cluster.ToCoordinator.ShardsChecked;
import dev.moorage.protocol.cluster.ToCoordinator.VerificationViewAsked;
import dev.moorage.protocol.cluster.ToCoordinator.VerifyAsked;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.Verdict;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The verifications of a job: those that run, the last ones that ended, and what the store said of others. */
final class Verifications {
    private static final int RUNNING_MAX = 64;
    private static final int KEPT_MAX = 256;

    private final JobContext job;
    private final Map<Key, VerifyPlan> plans = new LinkedHashMap<>();
    private final Map<CheckpointId, Known> known = new LinkedHashMap<>();
    private final Map<Key, TicketQueue> waiting = new HashMap<>();

    private record Key(CheckpointId checkpoint, String requestId) {}

    /** What all verdicts of a checkpoint say, and the last of them. */
    private record Known(VerificationStatus status, Optional<Verdict> last) {}

    Verifications(JobContext job) {
        this.job = job;
    }

    /** Takes what the store says of a checkpoint. */
    void known(CheckpointId checkpoint, VerificationStatus status, List<Verdict> verdicts) {
        Optional<Verdict> last = verdicts.isEmpty() ? Optional.empty() : Optional.of(verdicts.get(verdicts.size() - 1));
        known.put(checkpoint, new Known(status, last));
        trim(known);
    }

    /** Starts the verification that a save asked for, unless it runs, has ended, or any verdict is there. */
    void afterCommit(Manifest.Committed manifest) {
        CheckpointId checkpoint = manifest.attempt().checkpoint();
        boolean judged =
                Optional.ofNullable(known.get(checkpoint)).flatMap(Known::last).isPresent();
        Key key = commitKey(manifest);
        if (!judged && !plans.containsKey(key)) {
            VerifyPlan plan = new VerifyPlan(
                    job, checkpoint, key.requestId(), manifest.spec().depth(), Optional.empty());
            plans.put(key, plan);
            trimEnded();
            plan.start(manifest);
        }
    }

    private static Key commitKey(Manifest.Committed manifest) {
        return new Key(
                manifest.attempt().checkpoint(), "commit-a" + manifest.attempt().attempt());
    }

    /** The verification that follows a commit, or what the last verdict says. */
    Optional<Answer.VerificationView> ofCommit(Manifest.Committed manifest) {
        CheckpointId checkpoint = manifest.attempt().checkpoint();
        return Optional.ofNullable(plans.get(commitKey(manifest)))
                .map(plan -> plan.view(status(checkpoint)))
                .or(() -> Optional.ofNullable(known.get(checkpoint))
                        .flatMap(Known::last)
                        .map(verdict -> of(checkpoint, verdict)));
    }

    private Answer.VerificationView of(CheckpointId checkpoint, Verdict verdict) {
        return new Answer.VerificationView(
                checkpoint.job(),
                checkpoint.step(),
                "verdict-" + verdict.number(),
                verdict.depth(),
                false,
                verdict.bytesRead(),
                verdict.bytesRead(),
                verdict.shards(),
                verdict.shards(),
                verdict.number(),
                Optional.of(verdict.result()),
                verdict.independentReader(),
                status(checkpoint),
                JobContext.cut(verdict.findings()));
    }

    private VerificationStatus status(CheckpointId checkpoint) {
        return Optional.ofNullable(known.get(checkpoint)).map(Known::status).orElse(VerificationStatus.NONE);
    }

    void ask(long ticket, VerifyAsked asked) {
        Key key = new Key(new CheckpointId(job.job, asked.step()), asked.requestId());
        VerifyPlan plan = plans.get(key);
        if (plan != null && plan.failure().isPresent()) {
            plans.remove(key);
            plan = null;
        }
        if (plan == null && running() >= RUNNING_MAX) {
            refuse(
                    ticket,
                    FailureKind.UNAVAILABLE,
                    "job " + job.job + " runs " + RUNNING_MAX + " verifications already; ask again when one has ended");
        } else if (plan == null) {
            VerifyPlan fresh = new VerifyPlan(job, key.checkpoint(), key.requestId(), asked.depth(), asked.ranks());
            plans.put(key, fresh);
            trimEnded();
            fresh.find();
            whenBegun(ticket, key);
        } else if (!plan.isSame(asked.depth(), asked.ranks())) {
            refuse(
                    ticket,
                    FailureKind.INVALID,
                    key.checkpoint() + ": verification " + key.requestId() + " has " + plan.describe()
                            + "; ask for the same, or take another request id");
        } else {
            whenBegun(ticket, key);
        }
    }

    void view(long ticket, VerificationViewAsked asked) {
        Key key = new Key(new CheckpointId(job.job, asked.step()), asked.requestId());
        if (plans.containsKey(key)) {
            whenBegun(ticket, key);
        } else {
            refuse(
                    ticket,
                    FailureKind.NOT_FOUND,
                    key.checkpoint() + ": no verification " + key.requestId() + " here; ask for it again");
        }
    }

    private void whenBegun(long ticket, Key key) {
        if (plans.get(key).hasBegun()) {
            answer(ticket, key);
        } else {
            waiting.computeIfAbsent(key, fresh -> new TicketQueue(job)).add(ticket, () -> answer(ticket, key));
        }
    }

    private void answer(long ticket, Key key) {
        VerifyPlan plan = plans.get(key);
        job.reply(
                ticket,
                plan.failure().<Answer>map(refused -> refused).orElseGet(() -> plan.view(status(key.checkpoint()))));
    }

    private void refuse(long ticket, FailureKind kind, String message) {
        job.reply(ticket, new Answer.Refused(kind, message));
    }

    private long running() {
        return plans.values().stream().filter(plan -> !plan.isEnded()).count();
    }

    boolean isIdle() {
        return running() == 0;
    }

    private void trimEnded() {
        if (plans.size() > KEPT_MAX) {
            plans.entrySet().stream()
                    .filter(entry -> entry.getValue().isEnded())
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .ifPresent(plans::remove);
        }
    }

    private static void trim(Map<?, ?> map) {
        if (map.size() > KEPT_MAX) {
            map.remove(map.keySet().iterator().next());
        }
    }

    boolean awaits(StoreOperation.OfVerification operation) {
        return plan(operation).filter(plan -> plan.awaits(operation)).isPresent();
    }

    private Optional<VerifyPlan> plan(StoreOperation.OfVerification operation) {
        return Optional.ofNullable(plans.get(new Key(operation.checkpoint(), operation.requestId())));
    }

    void stored(StoreOperation.OfVerification operation, StoreResult result) {
        if (awaits(operation)) {
            if (result instanceof StoreResult.VerdictWritten written) {
                known(operation.checkpoint(), written.status(), List.of(written.verdict()));
            } else if (result instanceof StoreResult.Walked walked) {
                known(operation.checkpoint(), walked.status(), walked.verdicts());
            }
        }
        plan(operation).ifPresent(plan -> {
            plan.stored(operation, result);
            TicketQueue queue = waiting.get(new Key(operation.checkpoint(), operation.requestId()));
            if (queue != null && plan.hasBegun()) {
                queue.answerAll();
                waiting.remove(new Key(operation.checkpoint(), operation.requestId()));
            } else if (queue != null && result instanceof StoreResult.Failed failed) {
                queue.refuseAll(new Answer.Refused(FailureKind.UNAVAILABLE, failed.reason()));
            }
        });
    }

    private void each(Consumer<VerifyPlan> action) {
        List.copyOf(plans.values()).stream().filter(plan -> !plan.isEnded()).forEach(action);
    }

    void pump() {
        each(VerifyPlan::pump);
    }

    void registered(Incarnation incarnation) {
        each(plan -> plan.registered(incarnation));
    }

    void epochRaised() {
        each(VerifyPlan::epochRaised);
    }

    void progress(Incarnation from, PartProgress progress) {
        each(plan -> plan.progress(from, progress));
    }

    void checked(ShardsChecked checked) {
        Optional.ofNullable(plans.get(new Key(checked.attempt().checkpoint(), checked.requestId())))
                .ifPresent(plan -> plan.checked(checked));
    }
}
