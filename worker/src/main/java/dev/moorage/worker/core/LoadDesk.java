package dev.moorage.worker.core;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.worker.core.WorkerEffect.FillLoad.Room;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Gives ranks their state back: job-wide by the coordinator's decision, or one rank alone. */
final class LoadDesk {
    private static final Pattern STEP = Pattern.compile("[0-9]{1,18}");
    private static final int LOADS_MAX = 4_096;

    private final Outbox outbox;
    private final WorkerRules rules;
    private final SegmentTable segments;
    private final Ranks ranks;
    private final Leases leases;
    private final List<LoadWork> works = new ArrayList<>();
    private long numbered;

    LoadDesk(Outbox outbox, WorkerRules rules, SegmentTable segments, Ranks ranks, Leases leases) {
        this.outbox = outbox;
        this.rules = rules;
        this.segments = segments;
        this.ranks = ranks;
        this.leases = leases;
    }

    void onLoad(WorkerEvent.LoadCalled call, long now) {
        Attached rank = ranks.require(call.attachment());
        boolean isStep = STEP.matcher(call.selector()).matches();
        boolean isLatest = call.selector().equals("latest") || call.selector().equals("latest-verified");
        if (!isStep && (call.local() || !isLatest)) {
            throw CheckpointException.invalid(rank.name() + ": a load selects "
                    + (call.local() ? "an explicit step when it is local" : "latest, latest-verified or a step"));
        }
        if (call.ordinal() < 0) {
            throw CheckpointException.invalid(rank.name() + ": the ordinal of a load is from 0, was " + call.ordinal());
        }
        for (LoadWork work : works) {
            if (work.rank == rank && work.call.local() == call.local() && work.call.ordinal() == call.ordinal()) {
                join(work, call);
                return;
            }
        }
        if (works.size() >= LOADS_MAX) {
            throw CheckpointException.unavailable(
                    "worker " + outbox.worker + " has " + LOADS_MAX + " loads waiting and takes no more");
        }
        LoadWork work = new LoadWork(rank, call, now + rules.times().loadWait().toMillis());
        works.add(work);
        if (call.local()) {
            work.begin(++numbered, Optional.empty());
            CheckpointId checkpoint = new CheckpointId(work.job(), new Step(Long.parseLong(call.selector())));
            outbox.add(new WorkerEffect.StartLocalLoad(
                    work.load, checkpoint, work.who(), rank.who.replicaGroup().isPresent()));
        } else {
            ask(work);
        }
    }

    private static void join(LoadWork work, WorkerEvent.LoadCalled call) {
        if (!work.call.selector().equals(call.selector())) {
            throw CheckpointException.invalid(
                    work.name() + " is under way; another selector, " + call.selector() + ", needs another ordinal");
        }
        work.requests.add(call.request());
    }

    private void ask(LoadWork work) {
        outbox.send(new ToCoordinator.LoadAsked(
                work.job(),
                work.run(),
                work.call.ordinal(),
                work.who(),
                work.rank.who.replicaGroup(),
                outbox.worker,
                outbox.incarnation,
                work.call.selector()));
    }

    private void sayPrepared(LoadWork work) {
        if (work.phase == LoadWork.Phase.PREPARED || work.phase == LoadWork.Phase.FAILED) {
            sayPrepared(
                    new Call(work.job(), work.run(), work.call.ordinal(), work.who()),
                    work.source.orElseThrow().step(),
                    work.failure,
                    work.reason);
        }
    }

    private record Call(JobName job, RunNumber run, long ordinal, Rank rank) {
        boolean is(LoadWork work) {
            return !work.call.local()
                    && work.job().equals(job)
                    && work.run().equals(run)
                    && work.call.ordinal() == ordinal
                    && work.who().equals(rank);
        }
    }

    private void sayPrepared(Call call, Step step, Optional<FailureKind> failure, String reason) {
        outbox.send(new ToCoordinator.LoadPrepared(
                call.job(),
                call.run(),
                call.ordinal(),
                step,
                call.rank(),
                outbox.worker,
                outbox.incarnation,
                failure,
                reason));
    }

    void onPrepare(ToWorker.PrepareLoad order) {
        Call call = new Call(order.job(), order.run(), order.ordinal(), order.rank());
        Optional<LoadWork> found = works.stream().filter(call::is).findFirst();
        if (found.isEmpty()) {
            String reason = "rank " + order.rank() + " does not wait for load " + order.ordinal() + " on worker "
                    + outbox.worker;
            sayPrepared(call, order.source().step(), Optional.of(FailureKind.UNAVAILABLE), reason);
            return;
        }
        LoadWork work = found.get();
        boolean known = work.source.equals(Optional.of(order.source()));
        if (known && work.phase != LoadWork.Phase.FAILED) {
            sayPrepared(work);
            return;
        }
        drop(work);
        work.begin(++numbered, Optional.of(order.source()));
        outbox.add(new WorkerEffect.StartLoad(work.load, order.source(), order.shards()));
    }

    private void drop(LoadWork work) {
        if (work.isRunning()) {
            outbox.add(new WorkerEffect.CancelLoad(work.load));
        }
        for (Room room : work.rooms) {
            // Whoever fills it may be writing still: nobody else gets this memory. Nor does it stay if it has its old
            // name yet.
            segments.find(room.segment()).ifPresent(segments::discard);
            room.from().ifPresent(from -> outbox.add(new WorkerEffect.Discard(from)));
        }
        work.rooms = List.of();
    }

    void onSized(WorkerEvent.LoadSized event, long now) {
        running(event.load(), work -> {
            work.roomDeadline = now + rules.times().leaseWait().toMillis();
            work.source = Optional.of(event.source());
            work.shards = event.shards();
            work.metadata = event.metadata();
            work.phase = LoadWork.Phase.WAITING;
            fill(work);
        });
    }

    /** Begins what waits for room. To be called whenever a segment has changed its state. */
    void fillWaiting() {
        List.copyOf(works).stream()
                .filter(work -> work.phase == LoadWork.Phase.WAITING)
                .forEach(this::fill);
    }

    private void fill(LoadWork work) {
        List<Slot> warm = work.shards.stream()
                .flatMap(shard -> warm(work, shard).stream())
                .toList();
        long coldBytes =
                work.bytes() - warm.stream().mapToLong(slot -> slot.bytes).sum();
        if (segments.fits(coldBytes)) {
            work.rooms = work.shards.stream().map(shard -> room(work, shard)).toList();
            work.phase = LoadWork.Phase.FILLING;
            outbox.add(new WorkerEffect.FillLoad(work.load, work.rooms));
        } else if (work.bytes() > segments.bytesMax()) {
            noRoom(work);
        } else {
            // Whether it can be made now or an outcome makes it later: the load waits for it.
            leases.makeRoom(coldBytes, warm);
        }
    }

    private void noRoom(LoadWork work) {
        failed(
                work,
                FailureKind.UNAVAILABLE,
                work.name() + ": no room for " + work.bytes() + " bytes: worker " + outbox.worker + " holds "
                        + segments.bytes() + " of " + segments.bytesMax()
                        + " bytes; wait for earlier saves, or raise staging-bytes-max");
    }

    /** Memory that the rank's process gave back: filling it again costs no new pages. */
    private Optional<Slot> warm(LoadWork work, WorkerEvent.SizedShard shard) {
        return segments.buffers(key(work, shard)).stream()
                .filter(slot -> slot.state.equals(new SegmentState.Free(work.rank.id)) && slot.bytes == shard.bytes())
                .findFirst();
    }

    private static Slot.Key key(LoadWork work, WorkerEvent.SizedShard shard) {
        return new Slot.Key(work.job(), work.who(), shard.kind());
    }

    private Room room(LoadWork work, WorkerEvent.SizedShard shard) {
        Optional<SegmentId> from = warm(work, shard).map(slot -> slot.id);
        from.ifPresent(segments::forget);
        SegmentState hidden = new SegmentState.Loading(work.load);
        Slot slot = segments.add(new Slot(segments.name(), key(work, shard), shard.bytes(), false, hidden));
        return new Room(slot.id, from);
    }

    void onMoved(WorkerEvent.LoadMoved event) {
        running(event.load(), work -> {
            work.requests.forEach(
                    request -> outbox.add(new WorkerEffect.TellLoad(request, event.bytes(), work.bytes())));
        });
    }

    void onReady(WorkerEvent.LoadReady event) {
        running(event.load(), work -> {
            work.phase = LoadWork.Phase.PREPARED;
            if (work.call.local()) {
                finish(work, "");
            } else {
                sayPrepared(work);
            }
        });
    }

    void onFailed(WorkerEvent.LoadFailed event) {
        running(event.load(), work -> {
            // It has stopped by itself.
            work.phase = LoadWork.Phase.FAILED;
            failed(work, event.kind(), event.reason());
        });
    }

    private void failed(LoadWork work, FailureKind kind, String reason) {
        drop(work);
        if (work.call.local()) {
            end(work, request -> outbox.refuse(request, kind, reason));
        } else {
            work.phase = LoadWork.Phase.FAILED;
            work.failure = Optional.of(kind);
            work.reason = reason;
            sayPrepared(work);
        }
    }

    private void running(long load, Consumer<LoadWork> what) {
        works.stream()
                .filter(work -> work.load == load && work.isRunning())
                .findFirst()
                .ifPresent(what);
    }

    /** A decision for what is not prepared here is left alone: the call is asked again, and then prepared for. */
    void onDecided(ToWorker.LoadDecided order) {
        Call call = new Call(order.job(), order.run(), order.ordinal(), order.rank());
        works.stream().filter(call::is).findFirst().ifPresent(work -> {
            if (order.failure().isPresent()) {
                drop(work);
                end(work, request -> outbox.refuse(request, order.failure().get(), order.reason()));
            } else if (work.phase == LoadWork.Phase.PREPARED && order.step().equals(work.source.map(AttemptId::step))) {
                finish(work, order.reason());
            }
        });
    }

    private void finish(LoadWork work, String passedOver) {
        List<Reply.LoadedShard> loaded = new ArrayList<>();
        boolean shared = work.requests.size() > 1;
        for (int i = 0; i < work.rooms.size(); i++) {
            SegmentId id = work.rooms.get(i).segment();
            segments.find(id).ifPresent(slot -> slot.state = new SegmentState.Loaded(work.rank.id, shared));
            loaded.add(new Reply.LoadedShard(work.shards.get(i), id));
        }
        Reply reply = new Reply.Loaded(work.source.orElseThrow(), loaded, work.metadata, passedOver, shared);
        end(work, request -> outbox.answer(request, reply));
    }

    private void end(LoadWork work, Consumer<Long> answer) {
        works.remove(work);
        work.requests.forEach(answer);
    }

    /** Ends the loads of a rank that is gone or may not go on. */
    void end(AttachmentId attachment, String reason) {
        endAll(work -> work.rank.id.equals(attachment), FailureKind.INVALID, work -> reason);
    }

    /** Ends the loads that wait for a decision of the job's coordinator. */
    void end(JobName job, FailureKind kind, String reason) {
        endAll(work -> work.job().equals(job) && !work.call.local(), kind, work -> work.name() + ": " + reason);
    }

    void tick(long now) {
        works.stream()
                .filter(work -> work.phase == LoadWork.Phase.WAITING && now >= work.roomDeadline)
                .toList()
                .forEach(this::noRoom);
        endAll(
                work -> now >= work.deadline,
                FailureKind.UNAVAILABLE,
                work -> work.name() + ": it was not decided in time; try again");
    }

    private void endAll(
            Predicate<LoadWork> which, FailureKind kind, java.util.function.Function<LoadWork, String> reason) {
        works.stream().filter(which).toList().forEach(work -> {
            drop(work);
            end(work, request -> outbox.refuse(request, kind, reason.apply(work)));
        });
    }

    boolean isWaiting(JobName job) {
        return works.stream().anyMatch(work -> work.job().equals(job));
    }

    /** Says again what the coordinator has not decided. */
    void sayAgain(JobName job) {
        works.stream()
                .filter(work -> work.job().equals(job) && !work.call.local())
                .forEach(work -> {
                    ask(work);
                    sayPrepared(work);
                });
    }
}
