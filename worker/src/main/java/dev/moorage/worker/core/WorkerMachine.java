package dev.moorage.worker.core;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToWorker;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;

/**
 * All decisions of one worker. {@link #handle} takes what has happened and the time, and says what to do.
 *
 * <p>Deterministic: the same events at the same times have the same effects. Not safe for more than one thread at a time.
 */
public final class WorkerMachine {
    private static final long PROGRESS_MILLIS = 1_000;
    private static final int PROGRESS_PARTS_MAX = 500;
    /** Longer than any message of a coordinator that has been replaced stays under way. */
    private static final long JOB_KEPT_MILLIS = 600_000;

    private interface Handler<T> {
        void handle(T event, long now);
    }

    private final Map<Class<?>, Handler<Object>> events = new LinkedHashMap<>();
    private final Map<Class<?>, Handler<Object>> orders = new LinkedHashMap<>();
    private final Outbox outbox;
    private final WorkerRules rules;
    private final SegmentTable segments;
    private final Ranks ranks;
    private final Leases leases;
    private final StageDesk staging;
    private final PartDesk parts;
    private final LoadDesk loads;
    private final CheckDesk checks;
    private OptionalLong progressAt = OptionalLong.empty();
    private long dropped;

    /** @param recovered sidecars that an earlier life of this worker left, the oldest first, with their segments' lengths */
    public WorkerMachine(
            WorkerId worker, Incarnation incarnation, WorkerRules rules, Map<StagedRecord, Long> recovered) {
        this.outbox = new Outbox(worker, incarnation);
        this.rules = rules;
        this.segments = new SegmentTable(outbox, rules.stagingBytesMax());
        this.ranks = new Ranks(outbox, rules);
        Steps steps = new Steps(segments);
        this.leases = new Leases(outbox, rules, segments, ranks);
        this.staging = new StageDesk(outbox, segments, ranks, steps);
        this.parts = new PartDesk(outbox, rules, segments, ranks, steps);
        this.loads = new LoadDesk(outbox, rules, segments, ranks, leases);
        this.checks = new CheckDesk(outbox);
        recovered.forEach((record, bytes) -> {
            Slot.Key key =
                    new Slot.Key(record.job(), record.rank(), record.terms().kind());
            segments.add(
                    new Slot(record.segment(), key, bytes, false, new SegmentState.Staged(record, Optional.empty())));
            ranks.job(record.job());
        });
        calls();
        results();
        orders();
    }

    private <T> void on(Class<T> type, Handler<T> handler) {
        events.put(type, (event, now) -> handler.handle(type.cast(event), now));
    }

    private <T> void order(Class<T> type, Handler<T> handler) {
        orders.put(type, (event, now) -> handler.handle(type.cast(event), now));
    }

    private void calls() {
        on(WorkerEvent.AttachCalled.class, this::onAttach);
        on(WorkerEvent.LeaseCalled.class, leases::onLease);
        on(WorkerEvent.StageCalled.class, (call, now) -> staging.onStage(call));
        on(WorkerEvent.ReferenceCalled.class, (call, now) -> staging.onReference(call));
        on(WorkerEvent.StatusCalled.class, (call, now) -> onStatus(call));
        on(WorkerEvent.LoadCalled.class, loads::onLoad);
        on(WorkerEvent.ReleaseCalled.class, (call, now) -> staging.onRelease(call));
        on(WorkerEvent.AttachmentEnded.class, (ended, now) -> end(ended.attachment(), "the rank has detached"));
        on(WorkerEvent.Tick.class, (tick, now) -> onTick(now));
        on(WorkerEvent.Told.class, this::onTold);
    }

    private void results() {
        on(WorkerEvent.Allocated.class, (event, now) -> slot(event.segment(), leases::onAllocated));
        on(
                WorkerEvent.AllocationFailed.class,
                (event, now) ->
                        slot(event.segment(), slot -> leases.onAllocationFailed(slot, event.kind(), event.reason())));
        on(
                WorkerEvent.Sealed.class,
                (event, now) -> slot(event.segment(), slot -> staging.onSealed(slot, event.crc())));
        on(
                WorkerEvent.SealFailed.class,
                (event, now) ->
                        slot(event.segment(), slot -> staging.onSealFailed(slot, event.kind(), event.reason())));
        on(WorkerEvent.RecordCleared.class, (event, now) -> slot(event.segment(), this::onCleared));
        on(WorkerEvent.Discarded.class, (event, now) -> segments.forget(event.segment()));
        on(WorkerEvent.ChallengeTried.class, (event, now) -> onChallengeTried(event));
        on(WorkerEvent.Uploaded.class, (event, now) -> parts.onUploaded(event));
        on(WorkerEvent.UploadFailed.class, (event, now) -> parts.onUploadFailed(event));
        on(WorkerEvent.UploadMoved.class, (event, now) -> parts.onUploadMoved(event));
        on(WorkerEvent.CheckMoved.class, (event, now) -> checks.onMoved(event));
        on(WorkerEvent.Checked.class, (event, now) -> checks.onChecked(event));
        on(WorkerEvent.LoadSized.class, loads::onSized);
        on(WorkerEvent.LoadReady.class, (event, now) -> loads.onReady(event));
        on(WorkerEvent.LoadFailed.class, (event, now) -> loads.onFailed(event));
        on(WorkerEvent.LoadMoved.class, (event, now) -> loads.onMoved(event));
        on(WorkerEvent.OutcomeRead.class, parts::onOutcomeRead);
    }

    private void orders() {
        order(ToWorker.Challenge.class, (order, now) -> onChallenge(order));
        order(ToWorker.Registered.class, (order, now) -> onRegistered(order));
        order(ToWorker.RegistrationRefused.class, (order, now) -> onRegistrationRefused(order));
        order(ToWorker.Invite.class, this::onInvite);
        order(ToWorker.RunOpened.class, (order, now) -> bar(ranks.onRunOpened(order)));
        order(ToWorker.RunRefused.class, (order, now) -> bar(ranks.onRunRefused(order)));
        order(
                ToWorker.AssignPart.class,
                (order, now) -> taken(order.job(), order.epoch(), () -> parts.onAssign(order, now)));
        order(
                ToWorker.StagingEnded.class,
                (order, now) -> taken(order.job(), order.epoch(), () -> parts.onStagingEnded(order)));
        order(
                ToWorker.OutcomeTold.class,
                (order, now) -> taken(
                        order.job(),
                        order.epoch(),
                        () -> parts.onOutcome(order.attempt(), order.committed(), order.reason(), now)));
        order(
                ToWorker.CheckShards.class,
                (order, now) -> taken(order.job(), order.epoch(), () -> checks.onCheck(order)));
        order(
                ToWorker.PrepareLoad.class,
                (order, now) -> taken(order.job(), order.epoch(), () -> loads.onPrepare(order)));
        order(
                ToWorker.LoadDecided.class,
                (order, now) -> taken(order.job(), order.epoch(), () -> loads.onDecided(order)));
    }

    /**
     * Takes what has happened.
     *
     * @param nowMillis a clock that never goes back
     * @return what to do, in this order
     */
    public List<WorkerEffect> handle(WorkerEvent event, long nowMillis) {
        Handler<Object> handler = events.get(event.getClass());
        if (handler == null) {
            throw new IllegalArgumentException("no rule for " + event.getClass());
        }
        try {
            handler.handle(event, nowMillis);
        } catch (CheckpointException refused) {
            if (!(event instanceof WorkerEvent.HostCall call)) {
                throw refused;
            }
            outbox.refuse(call.request(), refused);
        }
        leases.serveWaiting();
        loads.fillWaiting();
        return outbox.drain();
    }

    private void onAttach(WorkerEvent.AttachCalled call, long now) {
        ranks.attach(call, now).forEach(older -> end(older, "the rank has attached again"));
        JobDesk job = ranks.job(call.who().job());
        registerIfNew(job, now);
        job.openRuns(false);
    }

    private void onStatus(WorkerEvent.StatusCalled call) {
        Attached rank = ranks.require(call.attachment());
        outbox.answer(call.request(), new Reply.Status(parts.status(new CheckpointId(rank.who.job(), call.step()))));
    }

    private void end(AttachmentId attachment, String reason) {
        Optional<Attached> gone = ranks.remove(attachment);
        if (gone.isEmpty()) {
            return;
        }
        gone.get()
                .waiting
                .ifPresent(request -> outbox.refuse(
                        request, CheckpointException.invalid(gone.get().name() + ": " + reason)));
        loads.end(attachment, gone.get().name() + ": " + reason);
        revoke(attachment);
    }

    private void bar(List<AttachmentId> barred) {
        for (AttachmentId id : barred) {
            loads.end(id, ranks.find(id).flatMap(rank -> rank.barred).orElse("its run was refused"));
            revoke(id);
        }
    }

    /** Takes from a process what holds nothing of a step. It may write there still, so nobody gets it again. */
    private void revoke(AttachmentId owner) {
        segments.all().stream()
                .filter(slot -> slot.owner().equals(Optional.of(owner)))
                .filter(slot -> slot.state instanceof SegmentState.Filling
                        || slot.state instanceof SegmentState.Free
                        || slot.state instanceof SegmentState.Loaded)
                .forEach(segments::discard);
    }

    private void slot(SegmentId id, java.util.function.Consumer<Slot> what) {
        segments.find(id).ifPresent(what);
    }

    private void onCleared(Slot slot) {
        if (slot.state instanceof SegmentState.Clearing clearing) {
            boolean mayFill = ranks.find(clearing.owner())
                    .filter(rank -> rank.barred.isEmpty())
                    .isPresent();
            if (mayFill) {
                slot.state = new SegmentState.Free(clearing.owner());
            } else {
                segments.discard(slot);
            }
        }
    }

    private void onTold(WorkerEvent.Told told, long now) {
        Handler<Object> handler = orders.get(told.message().getClass());
        if (handler == null) {
            throw new IllegalArgumentException("no rule for " + told.message().getClass());
        }
        handler.handle(told.message(), now);
    }

    private void taken(JobName job, Epoch epoch, Runnable order) {
        if (ranks.job(job).takes(epoch)) {
            order.run();
        } else {
            drop(ranks.job(job));
        }
    }

    /** Drops the order of a coordinator that another one has replaced, and tells it so: if it is the only one left, it goes on. */
    private void drop(JobDesk job) {
        dropped++;
        outbox.send(new ToCoordinator.Progressed(
                job.job, outbox.worker, outbox.incarnation, job.epoch.orElseThrow(), List.of()));
    }

    private void onChallenge(ToWorker.Challenge order) {
        if (order.incarnation().equals(outbox.incarnation)) {
            outbox.add(new WorkerEffect.TryChallenge(order.job(), order.challenge()));
        }
    }

    /** The wrong store is answered, too: the coordinator then finds nothing on its own and says so. */
    private void onChallengeTried(WorkerEvent.ChallengeTried event) {
        if (event.reached()) {
            outbox.send(new ToCoordinator.ChallengeAnswered(
                    event.job(), outbox.worker, outbox.incarnation, event.challenge()));
        }
    }

    private void onRegistered(ToWorker.Registered order) {
        JobDesk job = ranks.job(order.job());
        if (!order.incarnation().equals(outbox.incarnation)) {
            dropped++;
            return;
        }
        if (!job.takes(order.epoch())) {
            drop(job);
            return;
        }
        boolean isNew = job.registered.isEmpty() || order.epoch().compareTo(job.registered.get()) > 0;
        job.registered = Optional.of(order.epoch());
        if (isNew) {
            say(job, true);
        }
    }

    /** Keeps registering for a while: an invitation that is still meant is repeated. */
    private void onInvite(ToWorker.Invite order, long now) {
        JobDesk job = ranks.job(order.job());
        job.invitedUntil = now + 3 * rules.times().register().toMillis();
        registerIfNew(job, now);
    }

    private void onRegistrationRefused(ToWorker.RegistrationRefused order) {
        if (order.incarnation().equals(outbox.incarnation)) {
            ranks.onRegistrationRefused(order);
            loads.end(order.job(), order.kind(), order.reason());
        }
    }

    /** Says what is not answered; {@code all} also what an earlier coordinator has answered. */
    private void say(JobDesk job, boolean all) {
        job.openRuns(all);
        staging.announceAll(job.job, all);
        parts.sayDone(job.job);
        loads.sayAgain(job.job);
    }

    private void onTick(long now) {
        ranks.tick(now);
        leases.tick(now);
        loads.tick(now);
        parts.tick(now);
        for (JobDesk job : ranks.jobs()) {
            boolean due = job.registeredAt.isEmpty()
                    || now - job.registeredAt.getAsLong()
                            >= rules.times().register().toMillis();
            boolean wanted = isPresent(job) || now < job.invitedUntil;
            if (due && wanted) {
                job.register(now, staging.newestRun(job.job));
                say(job, false);
            }
            job.used(wanted || checks.isWorking(job.job), now);
        }
        ranks.forgetUnused(now - JOB_KEPT_MILLIS);
        if (progressAt.isEmpty() || now - progressAt.getAsLong() >= PROGRESS_MILLIS) {
            progressAt = OptionalLong.of(now);
            ranks.jobs().forEach(this::sayProgress);
        }
    }

    private boolean isPresent(JobDesk job) {
        return !job.attached.isEmpty() || staging.isHolding(job.job) || loads.isWaiting(job.job);
    }

    private void registerIfNew(JobDesk job, long now) {
        boolean isNew = job.registeredAt.isEmpty()
                || now - job.registeredAt.getAsLong()
                        >= rules.times().register().toMillis();
        if (isNew) {
            job.register(now, staging.newestRun(job.job));
        }
    }

    private void sayProgress(JobDesk job) {
        List<ToCoordinator.PartProgress> moved = new ArrayList<>(parts.takeProgress(job.job));
        moved.addAll(checks.takeProgress(job.job));
        for (int from = 0; from < moved.size() && job.epoch.isPresent(); from += PROGRESS_PARTS_MAX) {
            outbox.send(new ToCoordinator.Progressed(
                    job.job,
                    outbox.worker,
                    outbox.incarnation,
                    job.epoch.get(),
                    moved.subList(from, Math.min(moved.size(), from + PROGRESS_PARTS_MAX))));
        }
    }

    /** Jobs whose ranks or staged bytes are here. */
    public List<JobName> jobs() {
        return ranks.jobs().stream().filter(this::isPresent).map(job -> job.job).collect(Collectors.toList());
    }

    /** How many ranks are attached. */
    public int attached() {
        return ranks.size();
    }

    /** Bytes of all segments. */
    public long stagedBytes() {
        return segments.bytes();
    }

    /** How many orders were dropped as their coordinator has been replaced. */
    public long dropped() {
        return dropped;
    }
}
