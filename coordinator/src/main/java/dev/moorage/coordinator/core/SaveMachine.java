package dev.moorage.coordinator.core;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToCoordinator.PartDone;
import dev.moorage.protocol.cluster.ToCoordinator.PartFailed;
import dev.moorage.protocol.cluster.ToCoordinator.RankStaged;
import dev.moorage.protocol.cluster.ToCoordinator.SaveAsked;
import dev.moorage.protocol.cluster.ToCoordinator.StagingSkipped;
import dev.moorage.protocol.record.Manifest;
import java.util.Optional;
import java.util.Set;

/**
 * The save of one step: one attempt after the other until one is committed or nobody asks for more.
 *
 * <pre>
 *   walking --committed--------------------------------------------------------> committed
 *     |  |'--open attempt, of whatever run--> driving --outcome read back------> committed | aborted
 *     |  '--none, or all closed--> staging --all ranks--> ready --permit--> opening --won--> driving
 *     ^                               |                                         '--lost--> walking
 *     |                               '--ranks missing or given up, replicas differ, cancel--> failed
 *     '------------------------- aborted (retry, or asked again), failed (asked again)
 * </pre>
 */
final class SaveMachine {
    private final JobContext job;
    private final CheckpointId id;
    private final Verifications verifications;
    private final StepHistory history;
    private final SaveDemand demand;
    private final TicketQueue queued;
    private SavePhase phase = SavePhase.WALKING;
    private Optional<StoreOperation> awaited = Optional.empty();
    private Optional<Assignment> assignment = Optional.empty();
    private Optional<AttemptMachine> attempt = Optional.empty();
    private Optional<NoAttempt> failure = Optional.empty();
    private boolean doubtful;
    private long waitingSince;
    private String trouble = "";

    SaveMachine(JobContext job, CheckpointId id, Verifications verifications) {
        this.job = job;
        this.id = id;
        this.verifications = verifications;
        this.demand = new SaveDemand(job);
        this.queued = new TicketQueue(job);
        this.history = new StepHistory(job, id);
        walk();
    }

    /** Whether it holds one of the job's places for open steps. */
    boolean isOpen() {
        return phase == SavePhase.OPENING
                || attempt.filter(driven -> driven.unreadable().isEmpty()).isPresent();
    }

    boolean isReady() {
        return phase == SavePhase.READY;
    }

    /** Whether nothing would be lost by forgetting it: the store tells all there is to know. */
    boolean isForgettable() {
        boolean failedLongAgo = phase == SavePhase.FAILED
                && failure.flatMap(NoAttempt::run).filter(job.runs()::isLatest).isEmpty();
        return queued.isEmpty()
                && (phase == SavePhase.COMMITTED || phase == SavePhase.ABORTED || failedLongAgo || isIdle());
    }

    /** Whether it waits for nobody but those who may ask again. */
    boolean isAtRest() {
        return phase == SavePhase.FAILED || isForgettable();
    }

    Optional<AttemptMachine> attempt() {
        return attempt;
    }

    /** The open attempt, if it is this one. */
    Optional<AttemptMachine> driven(AttemptId named) {
        return attempt.filter(driven -> driven.intent().attempt().equals(named));
    }

    private boolean isOfAttempt(RunNumber run) {
        return attempt.filter(driven -> driven.intent().run().equals(run)).isPresent();
    }

    private void enter(SavePhase next) {
        phase = next;
        if (!isOpen()) {
            demand.dropSkipped();
        }
        waitingSince = job.now();
        trouble = "";
    }

    private void walk() {
        enter(SavePhase.WALKING);
        await(new StoreOperation.Walk(id));
    }

    private void await(StoreOperation operation) {
        awaited = Optional.of(operation);
        job.perform(operation);
    }

    /** Whether the operation is still wanted: only then it is tried again. */
    boolean awaits(StoreOperation operation) {
        return awaited.filter(operation::equals).isPresent()
                || attempt.filter(driven -> driven.awaits(operation)).isPresent();
    }

    void rankStaged(RankStaged rank) {
        boolean useless = !job.runs().isLatest(rank.run()) && !isOfAttempt(rank.run());
        if (phase == SavePhase.COMMITTED) {
            history.tell(rank.incarnation());
        } else if (useless && phase != SavePhase.WALKING) {
            history.tell(rank.incarnation());
            job.refuseSuperseded(rank.incarnation(), rank.run());
        } else {
            wake();
            demand.add(rank);
            switch (phase) {
                case STAGING -> checkStaged();
                case DRIVING -> pump();
                case ABORTED -> afterAbort(Set.of(rank.incarnation()));
                // A new run stages the step: whatever kept the old one from it is over.
                case FAILED ->
                    failure.filter(why -> why.holdsFor(rank.run()))
                            .ifPresentOrElse(why -> why.tell(job, Set.of(rank.incarnation())), this::walk);
                default -> {}
            }
        }
    }

    void stagingSkipped(StagingSkipped skipped) {
        demand.skip(skipped);
        endGivenUp();
    }

    /** Waiting for a rank that has given the step up would be in vain. What an open attempt lacks it learns by itself. */
    private void endGivenUp() {
        Optional<String> givenUp = phase.isUnknown() ? Optional.empty() : demand.takeGivenUp();
        givenUp.filter(why -> phase.isBeforeIntent()).ifPresent(why -> fail(FailureKind.UNAVAILABLE, why));
    }

    void partDone(PartDone done) {
        driven(done.attempt()).ifPresentOrElse(driven -> driven.partDone(done), () -> history.tell(done.incarnation()));
        pump();
    }

    void partFailed(PartFailed failed) {
        driven(failed.attempt()).ifPresent(driven -> driven.partFailed(failed));
        pump();
    }

    /** The latest run has changed: what older ones staged and no attempt needs is void. */
    void runOpened() {
        if (phase != SavePhase.WALKING) {
            demand.keepOnly(run -> job.runs().isLatest(run) || isOfAttempt(run));
        }
        if (phase.isBeforeIntent()) {
            phase = SavePhase.STAGING;
            checkStaged();
        }
    }

    void save(long ticket, SaveAsked asked) {
        if (phase.isUnknown()) {
            queued.add(ticket, () -> save(ticket, asked));
        } else if (phase == SavePhase.ABORTED || phase == SavePhase.FAILED) {
            demand.ask(asked);
            queued.add(ticket, () -> job.reply(ticket, answer(false)));
            walk();
        } else if (phase.isBeforeIntent()) {
            wake();
            demand.ask(asked);
            job.reply(ticket, answer(false));
        } else {
            history.toVerify().ifPresent(verifications::afterCommit);
            Optional<Answer> clash = history.conflict(asked).map(why -> new Answer.Refused(FailureKind.INVALID, why));
            job.reply(ticket, clash.orElseGet(() -> answer(phase == SavePhase.COMMITTED)));
        }
    }

    void cancel(long ticket) {
        if (phase.isUnknown()) {
            queued.add(ticket, () -> cancel(ticket));
        } else if (isIdle()) {
            job.reply(ticket, refused(FailureKind.NOT_FOUND, "there is nothing to cancel"));
        } else {
            attempt.ifPresent(driven -> driven.cancel("on request"));
            if (phase.isBeforeIntent()) {
                fail(FailureKind.UNAVAILABLE, "cancelled on request before an attempt was opened");
            }
            job.reply(ticket, answer(false));
        }
    }

    void view(long ticket) {
        if (phase == SavePhase.WALKING && history.attempts() == 0) {
            queued.add(ticket, () -> view(ticket));
        } else if (isIdle()) {
            job.reply(ticket, refused(FailureKind.NOT_FOUND, "no attempt on the store, and no rank has staged it"));
        } else {
            job.reply(ticket, answer(false));
        }
    }

    private boolean isIdle() {
        return phase == SavePhase.STAGING && demand.isNone();
    }

    /** The time that missing ranks are given begins with the first that anybody wants. */
    private void wake() {
        if (isIdle()) {
            waitingSince = job.now();
        }
    }

    void stored(StoreOperation operation, StoreResult result) {
        if (attempt.filter(driven -> driven.awaits(operation)).isPresent()) {
            attempt.orElseThrow().stored(operation, result).ifPresent(this::closed);
            pump();
        } else if (!awaits(operation)) {
            return;
        } else if (result instanceof StoreResult.Walked walked) {
            walked(walked);
        } else if (result instanceof StoreResult.Opened opened) {
            opened(opened);
        } else if (result instanceof StoreResult.Failed failed) {
            failed(failed);
        }
    }

    private void walked(StoreResult.Walked walked) {
        awaited = Optional.empty();
        history.read(walked);
        if (walked.visible().isPresent()) {
            verifications.known(id, walked.status(), walked.verdicts());
            settle(history.outcome().orElseThrow(), demand.holders());
        } else if (walked.open().isPresent()) {
            drive(AttemptMachine.adopted(job, walked.open().get()));
        } else if (history.attempts() > 0 && !demand.wishes().asked() && !mayRetry()) {
            enter(SavePhase.ABORTED);
            demand.holders().forEach(history::tell);
        } else {
            enter(SavePhase.STAGING);
            demand.keepOnly(job.runs()::isLatest);
            checkStaged();
        }
        if (!isReady()) {
            queued.answerAll();
        }
        endGivenUp();
        pump();
    }

    /** It is ready, and other steps have all places of the job: that is what those hear who ask. */
    void waitForPlace() {
        queued.answerAll();
    }

    /** All ranks are there: to be opened as soon as the job has a place, unless the shards cannot be one checkpoint. */
    private void checkStaged() {
        demand.whole()
                .ifPresent(all -> all.disagreement()
                        .ifPresentOrElse(why -> fail(FailureKind.INVALID, why), () -> enter(SavePhase.READY)));
    }

    /** Creates the intent of the next attempt from what the latest run has staged. */
    void open() {
        Staging staging = demand.current().orElseThrow();
        try {
            assignment = Optional.of(Assignment.of(staging.plan()));
            StoreOperation.Open create = history.next(demand.wishes(), staging, assignment.get());
            doubtful = false;
            enter(SavePhase.OPENING);
            await(create);
        } catch (CheckpointException refused) {
            fail(refused.kind(), refused.getMessage());
            queued.answerAll();
        }
    }

    private void opened(StoreResult.Opened opened) {
        awaited = Optional.empty();
        if (opened.won()) {
            drive(AttemptMachine.opened(job, history.intent().orElseThrow(), assignment.orElseThrow()));
            queued.answerAll();
            pump();
        } else {
            job.note(history.about(), "somebody else has opened this attempt");
            walk();
        }
    }

    private void failed(StoreResult.Failed failed) {
        trouble = failed.reason();
        doubtful |= failed.kind() == FailureKind.IN_DOUBT;
        boolean patient = job.now() - waitingSince < job.timings.returnMillis();
        // An intent that may still appear is waited for without end: giving up on it would leave it to nobody.
        if (!failed.isPassing() || (phase == SavePhase.OPENING && !patient && !doubtful)) {
            awaited = Optional.empty();
            history.notOpened();
            fail(failed.kind(), failed.reason());
            queued.answerAll();
        } else if (phase == SavePhase.WALKING) {
            queued.refuseAll(refused(FailureKind.UNAVAILABLE, trouble));
        }
    }

    private void fail(FailureKind kind, String reason) {
        enter(SavePhase.FAILED);
        demand.spent();
        NoAttempt why = NoAttempt.of(job, id, kind, reason);
        failure = Optional.of(why);
        why.tell(job, demand.holders());
    }

    private Answer.Refused refused(FailureKind kind, String reason) {
        return new Answer.Refused(kind, id + ": " + reason);
    }

    private void drive(AttemptMachine machine) {
        attempt = Optional.of(machine);
        history.opened(machine.intent());
        demand.spent();
        enter(SavePhase.DRIVING);
    }

    private void closed(Manifest told) {
        Set<Incarnation> listeners = demand.holders();
        listeners.addAll(attempt.orElseThrow().told());
        attempt = Optional.empty();
        settle(told, listeners);
    }

    private void settle(Manifest told, Set<Incarnation> listeners) {
        history.closed(told);
        if (told instanceof Manifest.Aborted aborted) {
            enter(SavePhase.ABORTED);
            job.note(history.about(), "aborted: " + aborted.reason());
            afterAbort(listeners);
        } else {
            enter(SavePhase.COMMITTED);
            job.note(history.about(), history.wasFound() ? "is committed" : "committed");
            listeners.forEach(history::tell);
            demand.keepOnly(run -> false);
            history.toVerify().ifPresent(verifications::afterCommit);
            if (!history.wasFound()) {
                job.perform(new StoreOperation.IndexTensors(history.committed().orElseThrow()));
            }
        }
    }

    private void afterAbort(Set<Incarnation> listeners) {
        listeners.forEach(history::tell);
        if (mayRetry()) {
            walk();
        }
    }

    /** Whether one more attempt is due without anybody asking, and all that it takes is still staged with workers that live. */
    private boolean mayRetry() {
        return !history.isCancelled() && history.attempts() <= job.timings.saveRetries() && demand.isStillThere();
    }

    void tick() {
        if (phase == SavePhase.STAGING && !isIdle() && job.now() - waitingSince >= job.timings.rankMillis()) {
            fail(FailureKind.UNAVAILABLE, SaveViews.missing(job, demand.current()));
        }
        pump();
    }

    void pump() {
        attempt.ifPresent(driven -> driven.pump(demand.of(driven.intent().run())));
    }

    private Answer answer(boolean already) {
        SaveViews views = new SaveViews(job, id, phase, history.attempts(), trouble);
        return switch (phase) {
            case FAILED -> views.failed(demand.current(), failure.orElseThrow().why());
            case COMMITTED ->
                views.committed(
                        history.committed().orElseThrow(),
                        already || history.wasFound(),
                        verifications.ofCommit(history.committed().orElseThrow()));
            case ABORTED -> views.aborted(history.intent(), history.outcome());
            case DRIVING -> attempt.orElseThrow().unreadable().orElseGet(() -> views.driving(attempt.orElseThrow()));
            default -> views.staging(demand.current());
        };
    }
}
