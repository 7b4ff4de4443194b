package dev.moorage.worker.core;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.CheckpointState;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PlannedShard;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Stores the parts that the coordinator assigns, and lets go of segments when an outcome is known. */
final class PartDesk {
    private final Outbox outbox;
    private final WorkerRules rules;
    private final SegmentTable segments;
    private final Ranks ranks;
    private final Steps steps;

    PartDesk(Outbox outbox, WorkerRules rules, SegmentTable segments, Ranks ranks, Steps steps) {
        this.outbox = outbox;
        this.rules = rules;
        this.segments = segments;
        this.ranks = ranks;
        this.steps = steps;
    }

    void onAssign(ToWorker.AssignPart order, long now) {
        StepDesk step = steps.open(order.attempt().checkpoint());
        if (order.attempt().attempt().value() > step.attempt) {
            closeLower(step);
            step.attempt = order.attempt().attempt().value();
            step.outcome = Optional.empty();
        }
        if (!step.isCurrent(order.attempt())) {
            return;
        }
        step.answered = true;
        step.lastOrder = now;
        PartWork known = step.parts.get(order.part());
        if (known != null && (known.isRunning() || known.isDone())) {
            known.epoch = order.epoch();
            known.sayDone(outbox);
        } else {
            begin(step, order);
        }
    }

    private void begin(StepDesk step, ToWorker.AssignPart order) {
        PartWork work = new PartWork(order.attempt(), order.run(), order.part(), order.epoch());
        step.parts.put(order.part(), work);
        List<WorkerEffect.HeldShard> held = new ArrayList<>();
        Set<SegmentId> chosen = new HashSet<>();
        for (PlannedShard shard : order.shards()) {
            Optional<Slot> slot = holder(order, shard, chosen);
            if (slot.isEmpty()) {
                work.failed();
                work.sayFailed(outbox, false, notHeld(order, shard));
                return;
            }
            chosen.add(slot.get().id);
            held.add(new WorkerEffect.HeldShard(shard, slot.get().id));
        }
        for (SegmentId id : chosen) {
            segments.find(id)
                    .ifPresent(slot -> slot.state =
                            new SegmentState.Reading(slot.record().orElseThrow(), slot.owner(), order.attempt()));
        }
        outbox.add(new WorkerEffect.StartUpload(order.attempt(), order.run(), order.part(), order.codec(), held));
    }

    private Optional<Slot> holder(ToWorker.AssignPart order, PlannedShard shard, Set<SegmentId> chosen) {
        return segments.holding(order.attempt().checkpoint())
                .filter(slot -> !chosen.contains(slot.id))
                .filter(slot -> keeps(slot.record().orElseThrow(), order, shard))
                .findFirst();
    }

    /** A replicated shard goes by the lowest rank of its group, and any rank of the group may hold it here. */
    private static boolean keeps(StagedRecord record, ToWorker.AssignPart order, PlannedShard shard) {
        StageTerms terms = record.terms();
        return record.run().equals(order.run())
                && terms.kind() == shard.shard().kind()
                && (terms.kind() == ShardKind.REPLICATED
                        || record.rank().equals(shard.shard().rank()))
                && terms.format() == shard.format()
                && terms.bytes() == shard.rawBytes()
                && record.crc().equals(shard.rawCrc());
    }

    private String notHeld(ToWorker.AssignPart order, PlannedShard shard) {
        return order.attempt() + " part " + order.part() + ": worker " + outbox.worker + " does not hold the shard of "
                + shard.shard() + " with " + shard.rawBytes() + " bytes and CRC32C " + shard.rawCrc()
                + ", staged by run "
                + order.run();
    }

    private void closeLower(StepDesk step) {
        step.parts.values().forEach(work -> {
            if (work.isRunning()) {
                outbox.add(new WorkerEffect.CancelUpload(work.attempt, work.part));
            }
        });
        step.parts.clear();
        segments.holding(step.checkpoint).filter(Slot::isReading).forEach(PartDesk::backToStaged);
    }

    private static void backToStaged(Slot slot) {
        slot.state = new SegmentState.Staged(slot.record().orElseThrow(), slot.owner());
    }

    void onUploaded(WorkerEvent.Uploaded event) {
        running(event.attempt(), event.part(), work -> {
            work.done(event.record());
            work.sayDone(outbox);
        });
    }

    void onUploadMoved(WorkerEvent.UploadMoved event) {
        running(event.attempt(), event.part(), work -> work.moved(event.rawBytes(), event.storedBytes()));
    }

    void onUploadFailed(WorkerEvent.UploadFailed event) {
        running(event.attempt(), event.part(), work -> {
            work.failed();
            work.sayFailed(outbox, event.retryable(), event.reason());
            event.spoiled().stream().sorted().forEach(id -> segments.find(id).ifPresent(this::spoil));
        });
    }

    /** A segment whose process wrote to it after staging can never be stored: the step has to be staged again. */
    private void spoil(Slot slot) {
        slot.record().ifPresent(record -> {
            outbox.send(new ToCoordinator.StagingSkipped(
                    record.job(),
                    record.run(),
                    record.terms().step(),
                    outbox.worker,
                    outbox.incarnation,
                    record.rank(),
                    record.name() + ": written after staging"));
            segments.discard(slot);
        });
    }

    private void running(AttemptId attempt, dev.moorage.protocol.PartNumber part, Consumer<PartWork> what) {
        steps.find(attempt.checkpoint())
                .filter(step -> step.isCurrent(attempt))
                .map(step -> step.parts.get(part))
                .filter(PartWork::isRunning)
                .ifPresent(what);
    }

    /** Ranks that wait for the step hear why there is no attempt, until they stage again or an attempt comes after all. */
    void onStagingEnded(ToWorker.StagingEnded order) {
        CheckpointId checkpoint = new CheckpointId(order.job(), order.step());
        boolean isMeant = segments.holding(checkpoint)
                .flatMap(slot -> slot.record().stream())
                .anyMatch(record -> record.run().equals(order.run()));
        if (isMeant) {
            StepDesk step = steps.open(checkpoint);
            step.answered = true;
            step.ended = Optional.of(order.reason());
        }
    }

    void onOutcome(AttemptId attempt, boolean committed, String reason, long now) {
        StepDesk step = steps.open(attempt.checkpoint());
        int number = attempt.attempt().value();
        if (number < step.attempt) {
            // A late word on an attempt that was closed before: the newer attempt's segments are not its business.
            return;
        }
        step.answered = true;
        step.lastOrder = now;
        closeLower(step);
        step.attempt = number;
        CheckpointState state = committed ? CheckpointState.COMMITTED : CheckpointState.ABORTED;
        step.outcome = Optional.of(new StepStatus(state, number, reason));
        if (committed) {
            segments.holding(attempt.checkpoint())
                    .toList()
                    .forEach(slot -> segments.release(slot, ranks.isHere(slot.owner())));
        }
    }

    /** What this worker read of the register itself: nobody has told it for a while. */
    void onOutcomeRead(WorkerEvent.OutcomeRead event, long now) {
        if (event.outcome().isEmpty()) {
            return;
        }
        Manifest outcome = event.outcome().get();
        if (outcome instanceof Manifest.Aborted aborted) {
            onOutcome(event.attempt(), false, aborted.reason(), now);
            // The coordinator that could have told may be gone: its successor has to hear what is staged.
            steps.open(event.attempt().checkpoint()).answered = false;
        } else {
            onOutcome(event.attempt(), true, "", now);
        }
    }

    Optional<StepStatus> status(CheckpointId checkpoint) {
        boolean staged = segments.holding(checkpoint).findAny().isPresent();
        Optional<StepDesk> step = steps.find(checkpoint);
        return step.isPresent() ? step.get().status(staged) : Optional.empty();
    }

    /** Says again what the coordinator has not answered with an outcome. */
    void sayDone(JobName job) {
        for (StepDesk step : steps.of(job)) {
            if (step.outcome.isEmpty()) {
                step.parts.values().forEach(work -> work.sayDone(outbox));
            }
        }
    }

    List<ToCoordinator.PartProgress> takeProgress(JobName job) {
        return steps.of(job).stream()
                .flatMap(step -> step.parts.values().stream())
                .flatMap(work -> work.takeProgress().stream())
                .toList();
    }

    void tick(long now) {
        for (StepDesk step : steps.all()) {
            boolean reads = step.attempt > 0
                    && step.outcome.isEmpty()
                    && segments.reading(step.current()).findAny().isPresent();
            if (reads && now - step.lastOrder >= rules.times().ownLookUp().toMillis()) {
                step.lastOrder = now;
                outbox.add(new WorkerEffect.ReadOutcome(step.current()));
            }
        }
    }
}
