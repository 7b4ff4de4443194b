package dev.moorage.coordinator.core;

import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.cluster.ToCoordinator.SaveAsked;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.record.Intent;
import dev.moorage.protocol.record.Manifest;
import java.util.Optional;

/** What the store has said of the attempts of a step: how many there are, and the newest one's intent and outcome. */
final class StepHistory {
    private final JobContext job;
    private final CheckpointId id;
    private int attempts;
    private boolean found;
    private Optional<Intent> intent = Optional.empty();
    private Optional<Manifest> outcome = Optional.empty();

    StepHistory(JobContext job, CheckpointId id) {
        this.job = job;
        this.id = id;
    }

    void read(StoreResult.Walked walked) {
        attempts = walked.last().map(last -> last.attempt().attempt().value()).orElse(0);
        Optional<StoreResult.AttemptSeen> telling = walked.visible().or(walked::last);
        found = walked.visible().isPresent();
        intent = telling.flatMap(StoreResult.AttemptSeen::intent);
        outcome = telling.flatMap(StoreResult.AttemptSeen::outcome);
    }

    /**
     * The intent of the next attempt, to be created.
     *
     * @throws dev.moorage.protocol.CheckpointException INVALID if there cannot be such an attempt
     */
    StoreOperation.Open next(SaveWishes wishes, Staging staging, Assignment planned) {
        Intent next = new Intent(
                id.attempt(attempts + 1),
                staging.run(),
                wishes.spec(job.runs().of(staging.run()).orElseThrow().worldSize(), staging),
                planned.planned(),
                job.epoch(),
                job.marks.nonce(),
                job.marks.createdAtMillis());
        intent = Optional.of(next);
        return new StoreOperation.Open(next);
    }

    void notOpened() {
        intent = Optional.empty();
    }

    void opened(Intent open) {
        intent = Optional.of(open);
        outcome = Optional.empty();
        attempts = open.attempt().attempt().value();
    }

    void closed(Manifest told) {
        outcome = Optional.of(told);
    }

    int attempts() {
        return attempts;
    }

    /** Whether the checkpoint was on the store before this coordinator did anything for it. */
    boolean wasFound() {
        return found;
    }

    Optional<Intent> intent() {
        return intent;
    }

    Optional<Manifest> outcome() {
        return outcome;
    }

    Optional<Manifest.Committed> committed() {
        return outcome.filter(Manifest.Committed.class::isInstance).map(Manifest.Committed.class::cast);
    }

    /** The checkpoint, if its spec asks for a verification. */
    Optional<Manifest.Committed> toVerify() {
        return committed().filter(manifest -> manifest.spec().depth().kind() != VerifyDepth.Kind.NONE);
    }

    boolean isCancelled() {
        return outcome.filter(Manifest.Aborted.class::isInstance)
                .map(told -> ((Manifest.Aborted) told).reason().startsWith(AttemptMachine.CANCELLED))
                .orElse(false);
    }

    /** Why the save cannot join the newest attempt. */
    Optional<String> conflict(SaveAsked asked) {
        return intent.flatMap(known -> SaveWishes.conflict(asked, known.spec())).map(why -> about() + ": " + why);
    }

    void tell(Incarnation to) {
        outcome.ifPresent(told -> job.tell(
                to,
                new ToWorker.OutcomeTold(
                        told.attempt(),
                        intent.map(Intent::run).orElseGet(() -> new RunNumber(1)),
                        job.epoch(),
                        told instanceof Manifest.Committed,
                        told instanceof Manifest.Aborted aborted ? aborted.reason() : "")));
    }

    String about() {
        return intent.map(known -> known.attempt() + " run " + known.run()).orElseGet(id::toString);
    }
}
