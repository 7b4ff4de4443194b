package dev.moorage.worker.host;

import dev.moorage.checkpoint.AttemptView;
import dev.moorage.checkpoint.ShardSource;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.CheckpointState;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.worker.core.Attachment;
import dev.moorage.worker.core.AttachmentId;
import dev.moorage.worker.core.Reply;
import dev.moorage.worker.core.SegmentId;
import dev.moorage.worker.core.StageTerms;
import dev.moorage.worker.core.StepStatus;
import dev.moorage.worker.core.WorkerEvent;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongFunction;

/**
 * A rank that is attached to the worker of its host. Calls block and may be made from any thread; all failures are
 * {@link CheckpointException}s, and all calls are INVALID once a newer run has superseded the rank's.
 */
public final class RankSession implements AutoCloseable {
    private final LocalHost host;
    private final Attachment who;
    private final AttachmentId id;
    private final RunNumber run;

    RankSession(LocalHost host, Attachment who, Reply.Attached attached) {
        this.host = host;
        this.who = who;
        this.id = attached.attachment();
        this.run = attached.run();
    }

    /** Names this attachment; never given twice. */
    public AttachmentId id() {
        return id;
    }

    /** Number of the rank's run. */
    public RunNumber run() {
        return run;
    }

    /** The worker that it is attached to. */
    public WorkerId worker() {
        return host.bench().worker();
    }

    /** {@link #lease(ShardKind, long, Optional)} without saying for which step. */
    public Segment lease(ShardKind kind, long bytes) {
        return lease(kind, bytes, Optional.empty());
    }

    /**
     * A segment to fill.
     *
     * @param bytes at least 1
     * @param step for which it is meant; if it is skipped for want of room, the other ranks are told
     * @return as long as asked for, or longer
     * @throws CheckpointException UNAVAILABLE if there is no room; INVALID if the rank fills two already
     */
    public Segment lease(ShardKind kind, long bytes, Optional<Step> step) {
        Reply.Leased leased = (Reply.Leased) wanting(
                request -> new WorkerEvent.LeaseCalled(request, id, kind, bytes, step),
                Caller.waiting(),
                host.times().leaseWait());
        return segment(leased.segment(), leased.bytes());
    }

    /** A call whose answer is given back when it comes after this has given up. */
    private Reply wanting(LongFunction<WorkerEvent.HostCall> call, Caller caller, Duration patience) {
        try {
            return host.call(call, caller, patience);
        } catch (CheckpointException gaveUp) {
            caller.later(this::giveBack);
            throw gaveUp;
        }
    }

    private void giveBack(Reply unwanted) {
        if (unwanted instanceof Reply.Leased leased) {
            giveBack(leased.segment());
        } else if (unwanted instanceof Reply.Loaded loaded && !loaded.shared()) {
            loaded.shards().forEach(shard -> giveBack(shard.segment()));
        }
    }

    /** For a caller that has hung up: releases what nobody else was given, waits for nothing and tells nothing. */
    public void giveBack(Loaded unwanted) {
        if (!unwanted.shared()) {
            unwanted.shards().forEach(shard -> giveBack(shard.segment().id()));
        }
    }

    /** {@link #release(SegmentId)} for a caller that has hung up: waits for nothing and tells nothing. */
    public void giveBack(SegmentId segment) {
        host.cast(request -> new WorkerEvent.ReleaseCalled(request, id, segment));
    }

    private Segment segment(SegmentId segment, long bytes) {
        return new Segment(segment, host.bench().staging().path(segment), bytes);
    }

    /** {@link #stage(SegmentId, StageTerms)} of a segment. */
    public Crc32c stage(
            Segment segment, long bytes, Step step, ShardKind kind, ShardFormat format, Map<String, String> metadata) {
        return stage(segment.id(), new StageTerms(bytes, step, kind, format, metadata));
    }

    /**
     * Hands over a shard. Once it has returned, the shard outlives the rank and a restart of the worker.
     *
     * @return the sum of its bytes
     * @throws CheckpointException INVALID if the segment is not the rank's to stage, or does not hold what is said of it;
     *     UNAVAILABLE if it cannot be read or recorded
     */
    public Crc32c stage(SegmentId segment, StageTerms terms) {
        Reply.Staged staged = (Reply.Staged) host.call(
                request -> new WorkerEvent.StageCalled(request, id, segment, terms),
                Caller.waiting(),
                host.times().leaseWait());
        return staged.crc();
    }

    /**
     * Hands over bytes that stay where they are, for embedded clusters: no copy, and nothing is kept over a restart.
     *
     * @param source is closed when it is not needed any more, also after a failure
     * @return the sum of its bytes
     */
    public Crc32c stage(
            ShardSource source, Step step, ShardKind kind, ShardFormat format, Map<String, String> metadata) {
        try {
            StageTerms terms = new StageTerms(source.length(), step, kind, format, metadata);
            Caller caller = new Caller(new CompletableFuture<>(), Optional.of(source), LoadProgress.NONE);
            Reply.Staged staged = (Reply.Staged) host.call(
                    request -> new WorkerEvent.ReferenceCalled(request, id, terms),
                    caller,
                    host.times().leaseWait());
            return staged.crc();
        } catch (CheckpointException failure) {
            References.close(source);
            throw failure;
        }
    }

    /**
     * How the save of a step stands, as this host knows it, else as the store shows it.
     *
     * @throws CheckpointException NOT_FOUND if there is nothing of this step
     */
    public StepStatus status(Step step) {
        Reply.Status status = (Reply.Status) host.call(
                request -> new WorkerEvent.StatusCalled(request, id, step),
                Caller.waiting(),
                host.times().attachWait());
        return status.status().orElseGet(() -> stored(new CheckpointId(who.job(), step)));
    }

    private StepStatus stored(CheckpointId checkpoint) {
        List<AttemptView> attempts = host.bench().log().attempts(checkpoint);
        if (attempts.isEmpty()) {
            throw CheckpointException.notFound(
                    "nothing of " + checkpoint + " is staged on worker " + worker() + " or saved on its store");
        }
        AttemptView last = attempts.get(attempts.size() - 1);
        int number = last.id().attempt().value();
        if (last.deleted()) {
            return new StepStatus(CheckpointState.DELETED, number, "");
        }
        if (last.outcome().isEmpty()) {
            return new StepStatus(CheckpointState.UPLOADING, number, "");
        }
        return last.outcome().get() instanceof Manifest.Aborted aborted
                ? new StepStatus(CheckpointState.ABORTED, number, aborted.reason())
                : new StepStatus(CheckpointState.COMMITTED, number, "");
    }

    /**
     * Gets the rank's state back.
     *
     * @param selector {@code latest}, {@code latest-verified} or a step
     * @param ordinal the rank's how-manieth job-wide load, from 0
     * @param local this rank alone: without the others, the selector is a step
     * @throws CheckpointException NOT_FOUND, CORRUPT, UNAVAILABLE or INVALID, for all ranks alike if job-wide
     */
    public Loaded load(String selector, long ordinal, boolean local, LoadProgress progress) {
        Caller caller = new Caller(new CompletableFuture<>(), Optional.empty(), progress);
        Reply.Loaded loaded = (Reply.Loaded) wanting(
                request -> new WorkerEvent.LoadCalled(request, id, selector, ordinal, local),
                caller,
                host.times().loadWait());
        List<Loaded.LoadedShard> shards = loaded.shards().stream()
                .map(shard -> new Loaded.LoadedShard(
                        shard.shard().kind(),
                        shard.shard().format(),
                        segment(shard.segment(), shard.shard().bytes()),
                        shard.shard().crc()))
                .toList();
        return new Loaded(loaded.source(), shards, loaded.metadata(), loaded.passedOver(), loaded.shared());
    }

    /** {@link #release(SegmentId)} of a segment. */
    public void release(Segment segment) {
        release(segment.id());
    }

    /**
     * Gives back a segment that was leased and not staged, or one that was loaded.
     *
     * @throws CheckpointException INVALID if it is neither
     */
    public void release(SegmentId segment) {
        host.call(
                request -> new WorkerEvent.ReleaseCalled(request, id, segment),
                Caller.waiting(),
                host.times().attachWait());
    }

    /** Detaches: what the rank was filling or has loaded is revoked, what it has staged stays. Never throws. */
    @Override
    public void close() {
        host.tell(new WorkerEvent.AttachmentEnded(id));
    }
}
