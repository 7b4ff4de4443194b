package dev.moorage.worker.core;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.cluster.ToCoordinator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Takes shards over from ranks, and tells the coordinator when a rank has handed over all that its attach declared. */
final class StageDesk {
    private record RankStep(RunNumber run, Step step, Rank rank) {}

    private final Outbox outbox;
    private final SegmentTable segments;
    private final Ranks ranks;
    private final Steps steps;

    StageDesk(Outbox outbox, SegmentTable segments, Ranks ranks, Steps steps) {
        this.outbox = outbox;
        this.segments = segments;
        this.ranks = ranks;
        this.steps = steps;
    }

    void onStage(WorkerEvent.StageCalled call) {
        Attached rank = ranks.require(call.attachment());
        Slot slot = segments.find(call.segment())
                .filter(found -> found.state.equals(new SegmentState.Filling(rank.id)))
                .orElseThrow(() -> CheckpointException.invalid(rank.name() + ": segment " + call.segment()
                        + " is not one that it leased and has not staged yet"));
        StageTerms terms = call.terms();
        if (terms.kind() != slot.key.kind()) {
            throw CheckpointException.invalid(rank.name() + " step " + terms.step() + ": segment " + slot.id
                    + " was leased for another kind of shard");
        }
        if (terms.bytes() > slot.bytes) {
            throw CheckpointException.invalid(rank.name() + " step " + terms.step() + ": the shard has " + terms.bytes()
                    + " bytes, but segment " + slot.id + " only " + slot.bytes);
        }
        StagedRecord draft = draft(rank, slot.id, terms);
        slot.state = new SegmentState.Sealing(call.request(), rank.id, draft);
        outbox.add(new WorkerEffect.Seal(draft));
    }

    void onReference(WorkerEvent.ReferenceCalled call) {
        Attached rank = ranks.require(call.attachment());
        StagedRecord draft = draft(rank, segments.name(), call.terms());
        Slot.Key key =
                new Slot.Key(rank.who.job(), rank.who.rank(), call.terms().kind());
        segments.add(new Slot(
                draft.segment(),
                key,
                call.terms().bytes(),
                true,
                new SegmentState.Sealing(call.request(), rank.id, draft)));
        outbox.add(new WorkerEffect.SealReference(call.request(), draft));
    }

    private StagedRecord draft(Attached rank, SegmentId segment, StageTerms terms) {
        Attachment who = rank.who;
        if (terms.kind() == ShardKind.REPLICATED && who.replicaGroup().isEmpty()) {
            throw CheckpointException.invalid(
                    rank.name() + " step " + terms.step() + ": a replicated shard, but attach named no replica group");
        }
        StagedRecord draft = new StagedRecord(
                segment,
                who.job(),
                rank.run.orElseThrow(),
                who.rank(),
                who.worldSize(),
                who.replicaGroup(),
                who.codec(),
                who.depth(),
                terms,
                Crc32c.EMPTY);
        if (same(draft).anyMatch(Slot::isReading)) {
            throw CheckpointException.invalid(
                    draft.name() + ": it is being saved already; wait for its outcome before it is staged again");
        }
        return draft;
    }

    private Stream<Slot> same(StagedRecord record) {
        return segments.of(record.job())
                .filter(slot -> slot.record()
                        .map(other -> !other.segment().equals(record.segment())
                                && other.run().equals(record.run())
                                && other.rank().equals(record.rank())
                                && other.terms().step().equals(record.terms().step())
                                && other.terms().kind() == record.terms().kind())
                        .orElse(false));
    }

    void onSealed(Slot slot, Crc32c crc) {
        if (!(slot.state instanceof SegmentState.Sealing sealing)) {
            return;
        }
        StagedRecord record = sealing.draft().withCrc(crc);
        Optional<AttachmentId> owner =
                Optional.of(sealing.owner()).filter(id -> ranks.find(id).isPresent());
        same(record).filter(Slot::isStaged).forEach(older -> segments.release(older, ranks.isHere(older.owner())));
        slot.state = new SegmentState.Staged(record, owner);
        segments.renew(slot);
        StepDesk step = steps.open(new CheckpointId(record.job(), record.terms().step()));
        step.answered = false;
        step.ended = Optional.empty();
        outbox.answer(sealing.request(), new Reply.Staged(crc));
        announce(record.job(), new RankStep(record.run(), record.terms().step(), record.rank()));
    }

    void onSealFailed(Slot slot, FailureKind kind, String reason) {
        if (slot.state instanceof SegmentState.Sealing sealing) {
            outbox.refuse(sealing.request(), kind, reason);
            if (slot.reference || !ranks.isHere(Optional.of(sealing.owner()))) {
                segments.discard(slot);
            } else {
                slot.state = new SegmentState.Filling(sealing.owner());
            }
        }
    }

    void onRelease(WorkerEvent.ReleaseCalled call) {
        Slot slot = segments.find(call.segment())
                .filter(found ->
                        found.state instanceof SegmentState.Filling || found.state instanceof SegmentState.Loaded)
                .filter(found -> found.owner().equals(Optional.of(call.attachment())))
                .orElseThrow(() -> CheckpointException.invalid("segment " + call.segment()
                        + " is not one that this rank fills or has loaded; it may be released already"));
        if (slot.state instanceof SegmentState.Loaded loaded && (loaded.shared() || !segments.isRoomFor(slot.key))) {
            segments.discard(slot);
        } else {
            slot.state = new SegmentState.Free(call.attachment());
        }
        outbox.answer(call.request(), new Reply.Released());
    }

    /** Newest run of which shards of the job are staged here. */
    Optional<RunNumber> newestRun(JobName job) {
        return segments.of(job)
                .flatMap(slot -> slot.record().stream())
                .map(StagedRecord::run)
                .max(Comparator.naturalOrder());
    }

    boolean isHolding(JobName job) {
        return segments.of(job)
                .anyMatch(slot -> slot.record().isPresent() || slot.state instanceof SegmentState.Sealing);
    }

    /** Says of every rank that has staged a step whole that it has; {@code all} also where the coordinator knows. */
    void announceAll(JobName job, boolean all) {
        Set<RankStep> staged = new LinkedHashSet<>();
        segments.of(job).flatMap(slot -> slot.record().stream()).forEach(record -> {
            Step step = record.terms().step();
            boolean answered = steps.find(new CheckpointId(job, step))
                    .map(desk -> desk.answered)
                    .orElse(false);
            if (all || !answered) {
                staged.add(new RankStep(record.run(), step, record.rank()));
            }
        });
        staged.forEach(rank -> announce(job, rank));
    }

    private void announce(JobName job, RankStep rank) {
        List<StagedRecord> records = new ArrayList<>();
        segments.of(job).flatMap(slot -> slot.record().stream()).forEach(record -> {
            if (record.run().equals(rank.run())
                    && record.rank().equals(rank.rank())
                    && record.terms().step().equals(rank.step())) {
                records.add(record);
            }
        });
        Optional<StagedRecord> own = of(records, ShardKind.OWN);
        if (own.isEmpty()) {
            return;
        }
        boolean isWhole =
                own.get().group().isEmpty() || of(records, ShardKind.REPLICATED).isPresent();
        if (!isWhole) {
            return;
        }
        outbox.send(new ToCoordinator.RankStaged(
                job,
                rank.run(),
                rank.step(),
                outbox.worker,
                outbox.incarnation,
                rank.rank(),
                own.get().codec(),
                own.get().depth(),
                rank.rank().value() == 0 ? own.get().terms().metadata() : Map.of(),
                records.stream()
                        .sorted(Comparator.comparing(record -> record.terms().kind()))
                        .map(StageDesk::shard)
                        .toList()));
    }

    private static Optional<StagedRecord> of(List<StagedRecord> records, ShardKind kind) {
        return records.stream().filter(record -> record.terms().kind() == kind).findFirst();
    }

    private static ToCoordinator.StagedShard shard(StagedRecord record) {
        StageTerms terms = record.terms();
        return new ToCoordinator.StagedShard(
                terms.kind(),
                terms.kind() == ShardKind.REPLICATED ? record.group() : Optional.empty(),
                terms.format(),
                terms.bytes(),
                record.crc());
    }
}
