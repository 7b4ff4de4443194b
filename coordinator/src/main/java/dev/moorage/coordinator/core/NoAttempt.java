package dev.moorage.coordinator.core;

import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.record.StateEntry;
import java.util.Optional;
import java.util.Set;

/**
 * Why there is no attempt at a step. It holds for the run that was the latest then; a newer one that stages the step begins
 * afresh.
 */
record NoAttempt(CheckpointId id, Answer.Refused why, Optional<RunNumber> run) {
    static NoAttempt of(JobContext job, CheckpointId id, FailureKind kind, String reason) {
        job.note(id, "no attempt: " + reason);
        return new NoAttempt(
                id,
                new Answer.Refused(kind, id + ": " + JobContext.cut(reason)),
                job.runs().latest().map(StateEntry.Run::run));
    }

    boolean holdsFor(RunNumber staging) {
        return run.filter(failed -> failed.compareTo(staging) >= 0).isPresent();
    }

    void tell(JobContext job, Set<Incarnation> listeners) {
        listeners.forEach(to -> job.stagingEnded(to, id, why.message()));
    }
}
