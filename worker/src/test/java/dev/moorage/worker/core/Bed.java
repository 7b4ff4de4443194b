package dev.moorage.worker.core;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.WorldSize;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.PlannedShard;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A machine whose files always work at once, and a record of what it says and answers. */
final class Bed {
    static final JobName JOB = new JobName("llm");
    static final WorkerId WORKER = new WorkerId("w1");
    static final Incarnation INCARNATION = new Incarnation("0123456789abcdef0123456789abcdef");
    static final Crc32c SUM = new Crc32c(0xabcdef);
    static final long BYTES = 100;

    final WorkerMachine machine;
    final List<WorkerEffect> effects = new ArrayList<>();
    long now;
    boolean filesWork = true;
    private long requests;

    Bed() {
        this(1_000, WorkerRules.WhenFull.WAIT, Map.of());
    }

    Bed(long bytesMax, WorkerRules.WhenFull whenFull, Map<StagedRecord, Long> recovered) {
        WorkerRules rules = new WorkerRules(bytesMax, whenFull, WorkerRules.Times.DEFAULT);
        machine = new WorkerMachine(WORKER, INCARNATION, rules, recovered);
    }

    void happens(WorkerEvent event) {
        for (WorkerEffect effect : machine.handle(event, now)) {
            effects.add(effect);
            if (filesWork) {
                carryOut(effect);
            }
        }
    }

    private void carryOut(WorkerEffect effect) {
        if (effect instanceof WorkerEffect.Allocate allocate) {
            happens(new WorkerEvent.Allocated(allocate.segment()));
        } else if (effect instanceof WorkerEffect.Seal seal) {
            happens(new WorkerEvent.Sealed(seal.draft().segment(), SUM));
        } else if (effect instanceof WorkerEffect.SealReference seal) {
            happens(new WorkerEvent.Sealed(seal.draft().segment(), SUM));
        } else if (effect instanceof WorkerEffect.ClearRecord clear) {
            happens(new WorkerEvent.RecordCleared(clear.segment()));
        } else if (effect instanceof WorkerEffect.Discard discard) {
            happens(new WorkerEvent.Discarded(discard.segment()));
        }
    }

    void told(ToWorker.FromCoordinator order) {
        happens(new WorkerEvent.Told(order));
    }

    void after(long millis) {
        now += millis;
        happens(new WorkerEvent.Tick());
    }

    void forget() {
        effects.clear();
    }

    <T> List<T> all(Class<T> type) {
        List<T> found = new ArrayList<>();
        for (WorkerEffect effect : effects) {
            if (type.isInstance(effect)) {
                found.add(type.cast(effect));
            }
            if (effect instanceof WorkerEffect.Send send && type.isInstance(send.message())) {
                found.add(type.cast(send.message()));
            }
        }
        return found;
    }

    Optional<Reply> reply(long request) {
        return all(WorkerEffect.Answer.class).stream()
                .filter(answer -> answer.request() == request)
                .map(WorkerEffect.Answer::reply)
                .findFirst();
    }

    String refusal(long request) {
        return reply(request)
                .filter(Reply.Refused.class::isInstance)
                .map(reply -> ((Reply.Refused) reply).kind() + ": " + ((Reply.Refused) reply).message())
                .orElse("");
    }

    static Attachment who(int rank, String token, Optional<String> group) {
        return new Attachment(
                JOB,
                new RunToken(token),
                new Rank(rank),
                new WorldSize(4),
                group,
                Optional.of(Codec.NONE),
                Optional.empty(),
                1);
    }

    long attaching(int rank, String token, Optional<String> group) {
        happens(new WorkerEvent.AttachCalled(++requests, who(rank, token, group)));
        return requests;
    }

    /** A rank that is in run 1. */
    AttachmentId attached(int rank) {
        return attached(rank, "t1", 1, Optional.empty());
    }

    AttachmentId attached(int rank, String token, long run, Optional<String> group) {
        long request = attaching(rank, token, group);
        told(new ToWorker.RunOpened(JOB, new RunToken(token), new RunNumber(run)));
        return ((Reply.Attached) reply(request).orElseThrow()).attachment();
    }

    long leasing(AttachmentId rank, long bytes) {
        return leasing(rank, ShardKind.OWN, bytes);
    }

    long leasing(AttachmentId rank, ShardKind kind, long bytes) {
        happens(new WorkerEvent.LeaseCalled(++requests, rank, kind, bytes, Optional.of(new Step(99))));
        return requests;
    }

    SegmentId leased(AttachmentId rank, long bytes) {
        return leased(leasing(rank, bytes));
    }

    SegmentId leased(long request) {
        return ((Reply.Leased) reply(request).orElseThrow(() -> new AssertionError("no lease yet"))).segment();
    }

    long staging(AttachmentId rank, SegmentId segment, long step, ShardKind kind) {
        StageTerms terms = new StageTerms(BYTES, new Step(step), kind, ShardFormat.OPAQUE, Map.of("lr", "1"));
        happens(new WorkerEvent.StageCalled(++requests, rank, segment, terms));
        return requests;
    }

    /** The rank leases a segment and stages the step in it. */
    SegmentId staged(AttachmentId rank, long step) {
        SegmentId segment = leased(rank, BYTES);
        staging(rank, segment, step, ShardKind.OWN);
        return segment;
    }

    long loading(AttachmentId rank, String selector, long ordinal, boolean local) {
        happens(new WorkerEvent.LoadCalled(++requests, rank, selector, ordinal, local));
        return requests;
    }

    long releasing(AttachmentId rank, SegmentId segment) {
        happens(new WorkerEvent.ReleaseCalled(++requests, rank, segment));
        return requests;
    }

    Optional<StepStatus> status(AttachmentId rank, long step) {
        happens(new WorkerEvent.StatusCalled(++requests, rank, new Step(step)));
        return ((Reply.Status) reply(requests).orElseThrow()).status();
    }

    static AttemptId attempt(long step, int number) {
        return new CheckpointId(JOB, new Step(step)).attempt(number);
    }

    static ToWorker.AssignPart assign(long step, int attempt, long epoch, int... ranks) {
        List<PlannedShard> shards = new ArrayList<>();
        for (int rank : ranks) {
            shards.add(new PlannedShard(ShardId.own(rank), ShardFormat.OPAQUE, BYTES, SUM));
        }
        return new ToWorker.AssignPart(
                attempt(step, attempt), new RunNumber(1), new Epoch(epoch), new PartNumber(0), Codec.NONE, shards);
    }

    static ToWorker.OutcomeTold outcome(long step, int attempt, long epoch, boolean committed) {
        return new ToWorker.OutcomeTold(
                attempt(step, attempt),
                new RunNumber(1),
                new Epoch(epoch),
                committed,
                committed ? "" : "because of a test");
    }

    static ToWorker.Registered registered(long epoch) {
        return new ToWorker.Registered(JOB, new Epoch(epoch), INCARNATION);
    }

    static PartRef record() {
        return new PartRef(new PartNumber(0), 77, new Crc32c(7), RankSet.parse("0"), RankSet.EMPTY);
    }

    List<Long> stepsSaid() {
        return all(ToCoordinator.RankStaged.class).stream()
                .map(staged -> staged.step().value())
                .toList();
    }

    static ToWorker.PrepareLoad prepare(long step) {
        return new ToWorker.PrepareLoad(
                JOB,
                new RunNumber(1),
                0,
                new Rank(0),
                new Epoch(1),
                attempt(step, 1),
                List.of(new ToWorker.ShardToLoad(record(), ShardId.own(0))));
    }

    static ToWorker.LoadDecided decided(Optional<Long> step, Optional<FailureKind> failure) {
        return new ToWorker.LoadDecided(
                JOB, new RunNumber(1), 0, new Rank(0), new Epoch(1), step.map(Step::new), failure, "why");
    }

    long lastLoad() {
        List<WorkerEffect.StartLoad> started = all(WorkerEffect.StartLoad.class);
        return started.get(started.size() - 1).load();
    }

    void sized(long load, AttemptId source, long bytes) {
        happens(new WorkerEvent.LoadSized(
                load,
                source,
                List.of(new WorkerEvent.SizedShard(ShardKind.OWN, ShardFormat.OPAQUE, bytes, SUM)),
                Map.of("epoch", "3")));
    }

    SegmentId prepared(long step) {
        told(prepare(step));
        sized(lastLoad(), attempt(step, 1), BYTES);
        List<WorkerEffect.FillLoad> fills = all(WorkerEffect.FillLoad.class);
        happens(new WorkerEvent.LoadReady(lastLoad()));
        return fills.get(fills.size() - 1).rooms().get(0).segment();
    }
}
