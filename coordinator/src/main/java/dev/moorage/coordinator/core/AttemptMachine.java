package dev.moorage.coordinator.core;

import dev.moorage.coordinator.core.StoreResult.InventoryTaken;
import dev.moorage.coordinator.core.StoreResult.PartRead;
import dev.moorage.protocol.CheckpointState;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToCoordinator.PartDone;
import dev.moorage.protocol.cluster.ToCoordinator.PartFailed;
import dev.moorage.protocol.cluster.ToCoordinator.PartProgress;
import dev.moorage.protocol.record.Intent;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PlannedPart;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * One open attempt, driven by its own intent until its register is closed.
 *
 * <pre>
 *   adopting --listed--> uploading --all records--> sealing --all there--> closing(COMMITTED) --read back--> (outcome)
 *                            |                         |                                          ^
 *                            '--nobody left, cancel, deadline, lack--> closing(ABORTED) ----------'
 * </pre>
 *
 * What is proposed to the register is proposed once and never changed: commit and abort compete there, and what is read
 * back is the outcome, whatever was proposed.
 */
final class AttemptMachine {
    /** How an abort on request begins, here and for the coordinators after this one. */
    static final String CANCELLED = "cancelled";

    private enum Phase {
        ADOPTING,
        UPLOADING,
        SEALING,
        CLOSING
    }

    private final JobContext job;
    private final PartLedger ledger;
    private final UploadBoard board;
    private final long since;
    private Phase phase;
    private Optional<StoreOperation> awaited = Optional.empty();
    private String trouble = "";
    private Optional<Answer.Refused> unreadable = Optional.empty();

    /** An attempt whose intent this coordinator has just won. */
    static AttemptMachine opened(JobContext job, Intent intent, Assignment assignment) {
        Map<PartNumber, WorkerId> preferred = new java.util.HashMap<>();
        assignment.parts().forEach(placed -> preferred.put(placed.part().part(), placed.preferred()));
        AttemptMachine machine = new AttemptMachine(job, intent, preferred, Phase.UPLOADING);
        job.note(machine.about(), "uploading " + intent.parts().size() + " parts");
        return machine;
    }

    /** An attempt that somebody else has opened. */
    static AttemptMachine adopted(JobContext job, Intent intent) {
        AttemptMachine machine = new AttemptMachine(job, intent, Map.of(), Phase.ADOPTING);
        job.note(machine.about(), "adopted, as it has an intent and no outcome");
        machine.await(new StoreOperation.TakeInventory(intent.attempt(), true));
        return machine;
    }

    private AttemptMachine(JobContext job, Intent intent, Map<PartNumber, WorkerId> preferred, Phase phase) {
        this.job = job;
        this.ledger = new PartLedger(intent);
        this.board = new UploadBoard(job, ledger, preferred);
        this.since = job.now();
        this.phase = phase;
    }

    Intent intent() {
        return ledger.intent();
    }

    PartLedger ledger() {
        return ledger;
    }

    CheckpointState state() {
        return phase == Phase.SEALING || phase == Phase.CLOSING ? CheckpointState.SEALING : CheckpointState.UPLOADING;
    }

    /** For people: what it waits for; empty if all is well. */
    String trouble() {
        return trouble;
    }

    /**
     * Why the outcome is not known and will not be before somebody puts the register right: it holds something that cannot be
     * read. The attempt neither ends nor is it in anybody's way; the register is read again by and by.
     */
    Optional<Answer> unreadable() {
        return unreadable.map(Answer.class::cast);
    }

    long rawBytesDone() {
        return ledger.rawBytesDone() + board.rawBytesUnderWay();
    }

    long storedBytesDone() {
        return ledger.storedBytesDone() + board.storedBytesUnderWay();
    }

    Set<Incarnation> told() {
        return board.told();
    }

    /** Looks at deadlines and hands out what is open. */
    void pump(Optional<Staging> staging) {
        boolean late = job.now() - since >= job.timings.saveMillis();
        if (late && phase != Phase.CLOSING) {
            abort("not done within " + job.timings.saveMillis() / 1000 + " s"
                    + (trouble.isEmpty() ? "" : ": " + trouble));
        } else if (phase == Phase.UPLOADING && ledger.isComplete()) {
            phase = Phase.SEALING;
            await(new StoreOperation.TakeInventory(intent().attempt(), false));
        } else if (phase == Phase.UPLOADING) {
            board.pump(staging).ifPresent(this::abort);
        }
    }

    void partDone(PartDone done) {
        boolean known = done.part().value() < intent().parts().size();
        if (phase == Phase.UPLOADING && known && !ledger.isDone(done.part()) && !board.isReading(done.part())) {
            read(done.part());
        }
    }

    private void read(PartNumber part) {
        board.reading(part);
        job.perform(new StoreOperation.ReadPart(intent().attempt(), part));
    }

    void partFailed(PartFailed failed) {
        if (phase == Phase.UPLOADING) {
            board.failed(failed);
        }
    }

    void progress(Incarnation from, PartProgress progress) {
        board.progress(from, progress);
    }

    void registered(Incarnation incarnation) {
        if (phase == Phase.UPLOADING) {
            board.repeat(incarnation);
        }
    }

    void epochRaised() {
        if (phase == Phase.UPLOADING) {
            board.repeatAll();
        }
    }

    /** Proposes ABORTED, unless an outcome is on its way already. */
    void cancel(String who) {
        if (phase != Phase.CLOSING) {
            abort(CANCELLED + " " + who);
        }
    }

    private void abort(String reason) {
        job.note(about(), "aborting: " + reason);
        close(new Manifest.Aborted(
                intent().attempt(),
                JobContext.cut(reason),
                job.epoch(),
                job.marks.nonce(),
                job.marks.createdAtMillis()));
    }

    private void close(Manifest proposed) {
        phase = Phase.CLOSING;
        trouble = "";
        await(new StoreOperation.Close(proposed));
    }

    private void await(StoreOperation operation) {
        awaited = Optional.of(operation);
        job.perform(operation);
    }

    /** Whether the operation is still wanted: only then it is tried again. */
    boolean awaits(StoreOperation operation) {
        if (operation instanceof StoreOperation.ReadPart read) {
            return phase == Phase.UPLOADING && board.isReading(read.part());
        }
        return awaited.filter(operation::equals).isPresent();
    }

    /** Takes a store's answer; the outcome, once it was read back. */
    Optional<Manifest> stored(StoreOperation operation, StoreResult result) {
        if (!awaits(operation)) {
            return Optional.empty();
        }
        if (result instanceof StoreResult.Closed closed) {
            return Optional.of(closed.found());
        }
        if (result instanceof PartRead read && operation instanceof StoreOperation.ReadPart asked) {
            onPartRead(asked.part(), read);
        } else if (result instanceof InventoryTaken inventory && phase == Phase.ADOPTING) {
            phase = Phase.UPLOADING;
            intent().parts().stream()
                    .map(PlannedPart::part)
                    .filter(inventory.parts()::containsKey)
                    .forEach(this::read);
        } else if (result instanceof InventoryTaken inventory) {
            ledger.lackIn(inventory).ifPresentOrElse(this::abort, () -> close(ledger.manifest(job)));
        } else if (result instanceof StoreResult.Failed failed) {
            onFailed(operation, failed);
        }
        return Optional.empty();
    }

    private void onPartRead(PartNumber number, PartRead read) {
        board.read(number);
        read.part().flatMap(ledger::accept).ifPresent(this::abort);
    }

    private void onFailed(StoreOperation operation, StoreResult.Failed failed) {
        if (failed.isPassing()) {
            trouble = (phase == Phase.CLOSING ? "in doubt: the outcome is not known yet: " : "") + failed.reason();
        } else if (operation instanceof StoreOperation.Close) {
            unreadable = Optional.of(new Answer.Refused(
                    failed.kind(),
                    intent().attempt() + ": its outcome cannot be read: " + JobContext.cut(failed.reason())
                            + "; put the object back from a copy of the store: it is read again by itself, and other"
                            + " steps are saved meanwhile"));
        } else {
            abort(failed.reason());
        }
    }

    private String about() {
        return intent().attempt() + " run " + intent().run();
    }
}
