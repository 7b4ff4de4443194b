package dev.moorage.worker.core;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.record.PartRef;
import java.util.Optional;

/** A part that was assigned to this worker. */
final class PartWork {
    final AttemptId attempt;
    final RunNumber run;
    final PartNumber part;
    /** Of the newest order. */
    Epoch epoch;

    private Optional<PartRef> record = Optional.empty();
    private boolean running = true;
    private long rawBytes;
    private long storedBytes;
    private boolean moved;

    PartWork(AttemptId attempt, RunNumber run, PartNumber part, Epoch epoch) {
        this.attempt = attempt;
        this.run = run;
        this.part = part;
        this.epoch = epoch;
    }

    boolean isRunning() {
        return running;
    }

    boolean isDone() {
        return record.isPresent();
    }

    void done(PartRef ref) {
        record = Optional.of(ref);
        running = false;
    }

    void failed() {
        running = false;
    }

    void moved(long raw, long stored) {
        moved = moved || raw != rawBytes || stored != storedBytes;
        rawBytes = raw;
        storedBytes = stored;
    }

    /** What has moved since it was last asked. */
    Optional<ToCoordinator.PartProgress> takeProgress() {
        if (!moved || !running) {
            return Optional.empty();
        }
        moved = false;
        return Optional.of(
                new ToCoordinator.PartProgress(attempt, ToCoordinator.Phase.UPLOAD, part, rawBytes, storedBytes));
    }

    void sayDone(Outbox outbox) {
        record.ifPresent(ref ->
                outbox.send(new ToCoordinator.PartDone(attempt, run, epoch, outbox.worker, outbox.incarnation, part)));
    }

    void sayFailed(Outbox outbox, boolean retryable, String reason) {
        outbox.send(new ToCoordinator.PartFailed(
                attempt, run, epoch, outbox.worker, outbox.incarnation, part, retryable, reason));
    }
}
