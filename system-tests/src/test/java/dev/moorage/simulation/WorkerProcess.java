package dev.moorage.simulation;

import dev.moorage.checkpoint.ManifestLog;
import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.storage.StoreChallenge;
import dev.moorage.worker.core.Reply;
import dev.moorage.worker.core.SegmentId;
import dev.moorage.worker.core.WorkerEffect;
import dev.moorage.worker.core.WorkerEvent;
import dev.moorage.worker.core.WorkerMachine;
import dev.moorage.worker.core.WorkerRules;
import dev.moorage.worker.host.Bench;
import dev.moorage.worker.host.DataPlane;
import dev.moorage.worker.host.HostWork;
import dev.moorage.worker.host.References;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/** One life of a worker's daemon: the real machine, the real uploads and checks, a disk in memory. */
final class WorkerProcess extends SimulatedProcess {
    private static final long TICK_MILLIS = 1_000;
    private static final long BYTES_MAX = 1 << 20;

    private record PartKey(AttemptId attempt, PartNumber part) {}

    private record Skipped(RunNumber run, Step step, Rank rank) {}

    private final Host host;
    private final Incarnation incarnation;
    private final WorkerMachine machine;
    private final Bench bench;
    private final LoadWork loads;
    private final Map<Long, Consumer<Reply>> calls = new HashMap<>();
    private final Map<PartKey, HostWork> uploads = new HashMap<>();
    private final Set<Skipped> skipped = new HashSet<>();
    private long numbered;

    WorkerProcess(World world, Host host, String name) {
        super(world, name);
        this.host = host;
        this.incarnation = new Incarnation(world.chance.hex());
        ProcessStore store = new ProcessStore(world, this);
        ManifestLog log = new ManifestLog(store, world.timeline::now);
        Equipment equipment = Equipment.shared();
        this.bench = new Bench(
                host.worker(),
                incarnation,
                store,
                log,
                equipment.staging(),
                new References(),
                DataPlane.of(store, equipment.buffers(), equipment.lanes()));
        this.loads = new LoadWork(bench, host.disk);
        WorkerRules rules = new WorkerRules(BYTES_MAX, WorkerRules.WhenFull.WAIT, WorkerRules.Times.DEFAULT);
        this.machine = new WorkerMachine(host.worker(), incarnation, rules, host.disk.recover());
    }

    Incarnation incarnation() {
        return incarnation;
    }

    void start() {
        world.timeline.log(name + " starts");
        tick();
    }

    private void tick() {
        handle(new WorkerEvent.Tick());
        after(TICK_MILLIS, this::tick);
    }

    void hear(ToWorker.FromCoordinator message) {
        after(0, () -> {
            world.timeline.log(name + " hears " + Words.of(message));
            handle(new WorkerEvent.Told(message));
        });
    }

    /** A rank's call; its answer comes unless the daemon dies before. */
    void call(LongFunction<WorkerEvent.HostCall> call, Consumer<Reply> reply) {
        long request = ++numbered;
        calls.put(request, reply);
        after(1, () -> handle(call.apply(request)));
    }

    void handle(WorkerEvent event) {
        for (WorkerEffect effect : machine.handle(event, world.timeline.now())) {
            begin(effect);
        }
    }

    private void begin(WorkerEffect effect) {
        if (effect instanceof WorkerEffect.Send send) {
            if (send.message() instanceof ToCoordinator.StagingSkipped skip) {
                skipped.add(new Skipped(skip.run(), skip.step(), skip.rank()));
            }
            world.network.toCoordinator((ToCoordinator.FromWorker) send.message());
        } else if (effect instanceof WorkerEffect.Register register) {
            world.network.toCoordinator(new ToCoordinator.Register(
                    register.job(), host.worker(), incarnation, "host-" + host.worker(), register.run(), null));
        } else if (effect instanceof WorkerEffect.Answer answer) {
            Consumer<Reply> caller = calls.remove(answer.request());
            if (caller == null) {
                throw world.timeline.broken("answers", name + " answers request " + answer.request() + " twice");
            }
            after(1, () -> caller.accept(answer.reply()));
        } else if (effect instanceof WorkerEffect.TryChallenge challenge) {
            blocking(() -> Optional.of(tryChallenge(challenge)));
        } else if (effect instanceof WorkerEffect.ReadOutcome read) {
            world.cover(Covered.LOOKED_UP_BY_WORKER);
            blocking(() -> Optional.of(readOutcome(read.attempt())));
        } else if (!onDisk(effect)) {
            work(effect);
        }
    }

    private boolean onDisk(WorkerEffect effect) {
        if (effect instanceof WorkerEffect.Allocate allocate) {
            disk(() -> {
                host.disk.allocate(allocate.segment(), allocate.bytes());
                return new WorkerEvent.Allocated(allocate.segment());
            });
        } else if (effect instanceof WorkerEffect.Seal seal) {
            SegmentId id = seal.draft().segment();
            disk(() -> new WorkerEvent.Sealed(id, host.disk.seal(seal.draft())));
        } else if (effect instanceof WorkerEffect.ClearRecord clear) {
            letGo(clear.segment());
            disk(() -> {
                host.disk.clearRecord(clear.segment());
                return new WorkerEvent.RecordCleared(clear.segment());
            });
        } else if (effect instanceof WorkerEffect.Discard discard) {
            letGo(discard.segment());
            disk(() -> {
                host.disk.discard(discard.segment());
                return new WorkerEvent.Discarded(discard.segment());
            });
        } else {
            return false;
        }
        return true;
    }

    /** What a rank has staged goes only once it is committed, or after the worker has said that the step is skipped. */
    private void letGo(SegmentId id) {
        host.disk.onlyRecord(id).ifPresent(staged -> {
            Step step = staged.terms().step();
            if (!skipped.contains(new Skipped(staged.run(), step, staged.rank()))
                    && !world.inspector.isCommitted(step)) {
                throw world.timeline.broken(
                        "staging", name + " lets go of " + staged.name() + ", which is not committed");
            }
        });
    }

    /** What is done on the disk is done there even if the daemon dies before it hears of it. */
    private void disk(java.util.function.Supplier<WorkerEvent> change) {
        after(world.chance.between(1, 20), () -> {
            WorkerEvent result = change.get();
            after(world.chance.between(0, 20), () -> handle(result));
        });
    }

    private void work(WorkerEffect effect) {
        if (effect instanceof WorkerEffect.StartUpload upload) {
            upload.shards()
                    .forEach(held -> HostWork.keep(
                            bench,
                            held.segment(),
                            host.disk.source(held.segment(), held.shard().rawBytes())));
            HostWork work = HostWork.upload(upload, bench);
            uploads.put(new PartKey(upload.attempt(), upload.part()), work);
            blocking(work);
        } else if (effect instanceof WorkerEffect.CancelUpload cancel) {
            Optional.ofNullable(uploads.get(new PartKey(cancel.attempt(), cancel.part())))
                    .ifPresent(HostWork::cancel);
        } else if (effect instanceof WorkerEffect.StartCheck check) {
            blocking(HostWork.check(check, bench));
        } else if (effect instanceof WorkerEffect.StartLoad load) {
            blocking(() -> Optional.of(loads.size(load)));
        } else if (effect instanceof WorkerEffect.FillLoad fill) {
            blocking(() -> Optional.of(loads.fill(fill)));
        } else if (!(effect instanceof WorkerEffect.TellLoad) && !(effect instanceof WorkerEffect.CancelLoad)) {
            throw new AssertionError("nobody simulates " + effect);
        }
    }

    private interface Blocking {
        Optional<WorkerEvent> run();
    }

    private void blocking(Blocking work) {
        after(world.chance.between(1, 50), () -> end(work.run()));
    }

    private void blocking(HostWork work) {
        boolean[] ended = {false};
        after(world.chance.between(1, 500), () -> {
            beat(work, ended);
            Optional<WorkerEvent> result = work.run();
            ended[0] = true;
            end(result);
        });
    }

    private void beat(HostWork work, boolean[] ended) {
        after(TICK_MILLIS, () -> {
            if (!ended[0]) {
                handle(work.moved());
                beat(work, ended);
            }
        });
    }

    private void end(Optional<WorkerEvent> result) {
        result.ifPresent(event -> {
            if (event instanceof WorkerEvent.UploadFailed failed
                    && !failed.spoiled().isEmpty()) {
                world.cover(Covered.WRITTEN_AFTER_STAGING);
            }
            after(world.chance.between(0, 20), () -> handle(event));
        });
    }

    private WorkerEvent tryChallenge(WorkerEffect.TryChallenge challenge) {
        boolean reached = true;
        try {
            new StoreChallenge(bench.store()).answer(challenge.challenge(), incarnation);
        } catch (CheckpointException failure) {
            reached = failure.kind() == FailureKind.INVALID;
        }
        return new WorkerEvent.ChallengeTried(challenge.job(), challenge.challenge(), reached);
    }

    private WorkerEvent readOutcome(AttemptId attempt) {
        try {
            return new WorkerEvent.OutcomeRead(attempt, bench.log().outcome(attempt));
        } catch (CheckpointException unread) {
            return new WorkerEvent.OutcomeRead(attempt, Optional.empty());
        }
    }
}
