package dev.moorage.worker;

import dev.moorage.checkpoint.Lanes;
import dev.moorage.checkpoint.ManifestLog;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.WorkerCommand;
import dev.moorage.storage.BlockingIo;
import dev.moorage.storage.ObjectStore;
import dev.moorage.worker.core.StagedRecord;
import dev.moorage.worker.core.WorkerMachine;
import dev.moorage.worker.core.WorkerRules;
import dev.moorage.worker.grpc.HostSocket;
import dev.moorage.worker.host.Bench;
import dev.moorage.worker.host.DataPlane;
import dev.moorage.worker.host.Ending;
import dev.moorage.worker.host.LocalHost;
import dev.moorage.worker.host.References;
import dev.moorage.worker.host.Worker;
import dev.moorage.worker.staging.Staging;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.Props;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A worker that runs. Several of them, of different names, may run in one actor system. */
public final class WorkerNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WorkerNode.class);
    private static final long STOP_SECONDS = 10;
    private static final Duration TICK_MAX = Duration.ofSeconds(1);

    private final Bench bench;
    private final ActorRef<WorkerCommand> worker;
    private final Ending ending;
    private final LocalHost host;
    private final Optional<HostSocket> socket;
    private final AtomicBoolean closed = new AtomicBoolean();

    private WorkerNode(
            Bench bench, ActorRef<WorkerCommand> worker, Ending ending, LocalHost host, Optional<HostSocket> socket) {
        this.bench = bench;
        this.worker = worker;
        this.ending = ending;
        this.host = host;
        this.socket = socket;
    }

    /**
     * Starts a worker that speaks to coordinators through the cluster's shard region.
     *
     * @param system a cluster member
     * @param store opened for writing; stays open when the worker is closed
     * @throws CheckpointException INVALID if another worker of this name runs on this host, or a setting cannot be met;
     *     UNAVAILABLE if the staging directory or the socket cannot be made
     */
    public static WorkerNode start(ActorSystem<?> system, WorkerSettings settings, ObjectStore store) {
        return start(system, settings, store, CoordinatorLink.start(system));
    }

    /**
     * Starts a worker.
     *
     * @param coordinators takes what it says to the coordinators of jobs; may lose it, must not block
     */
    public static WorkerNode start(
            ActorSystem<?> system, WorkerSettings settings, ObjectStore store, Consumer<ToCoordinator> coordinators) {
        Staging staging = Staging.open(settings.stagingDir(), settings.name());
        Parts parts = new Parts(store, staging, dataPlane(settings, store));
        try {
            return start(system, settings, parts, coordinators);
        } catch (RuntimeException failure) {
            parts.data().close();
            close(staging);
            throw failure;
        }
    }

    private record Parts(ObjectStore store, Staging staging, DataPlane data) {}

    private static DataPlane dataPlane(WorkerSettings settings, ObjectStore store) {
        return DataPlane.of(
                store,
                settings.bandwidth(),
                settings.bufferBytes(),
                () -> new Lanes(settings.lanes(), "moorage-lane-" + settings.name()));
    }

    private static WorkerNode start(
            ActorSystem<?> system, WorkerSettings settings, Parts parts, Consumer<ToCoordinator> coordinators) {
        Staging staging = parts.staging();
        Map<StagedRecord, Long> recovered = staging.recover();
        WorkerRules rules = new WorkerRules(bytesMax(settings, staging), settings.whenFull(), settings.times());
        Incarnation incarnation = Incarnation.random();
        Bench bench = new Bench(
                settings.name(),
                incarnation,
                parts.store(),
                new ManifestLog(parts.store(), System::currentTimeMillis),
                staging,
                new References(),
                parts.data());
        Optional<Path> socketPath =
                settings.socket() ? Optional.of(HostSocket.path(staging.directory())) : Optional.empty();
        Worker.Setup setup = new Worker.Setup(
                new WorkerMachine(settings.name(), incarnation, rules, recovered),
                bench,
                () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()),
                tick(settings.times()),
                io(system, "moorage.data-plane"),
                io(system, "moorage.staging"),
                coordinators,
                new Worker.About(
                        settings.host(),
                        socketPath.map(Path::toString).orElse(""),
                        rules.stagingBytesMax(),
                        version()));
        Ending ending = new Ending(settings.name());
        ActorRef<WorkerCommand> worker =
                system.systemActorOf(Worker.create(setup, ending), "worker-" + settings.name(), Props.empty());
        LocalHost host = new LocalHost(system, worker, bench, settings.times(), ending);
        try {
            Optional<HostSocket> socket = socketPath.map(path -> HostSocket.start(path, host));
            LOG.info(
                    "worker {} started: {} of {} bytes staged, {}",
                    settings.name(),
                    recovered.values().stream().mapToLong(Long::longValue).sum(),
                    rules.stagingBytesMax(),
                    socketPath.map(path -> "socket " + path).orElse("no socket"));
            WorkerNode node = new WorkerNode(bench, worker, ending, host, socket);
            // A socket that goes on accepting would have ranks wait for nobody.
            node.onBug(bug -> node.close());
            return node;
        } catch (RuntimeException failure) {
            stop(worker, ending);
            throw failure;
        }
    }

    private static BlockingIo io(ActorSystem<?> system, String dispatcher) {
        return new BlockingIo(system.dispatchers().lookup(DispatcherSelector.fromConfig(dispatcher)));
    }

    /** Often enough for the shortest of the times. */
    private static Duration tick(WorkerRules.Times times) {
        Duration fifth = times.register().dividedBy(5);
        Duration tick = fifth.compareTo(TICK_MAX) < 0 ? fifth : TICK_MAX;
        return tick.compareTo(Duration.ofMillis(10)) < 0 ? Duration.ofMillis(10) : tick;
    }

    private static long bytesMax(WorkerSettings settings, Staging staging) {
        if (settings.stagingBytesMax().isPresent()) {
            return settings.stagingBytesMax().getAsLong();
        }
        try {
            return Math.max(1, Files.getFileStore(staging.directory()).getTotalSpace() / 2);
        } catch (IOException failure) {
            throw new CheckpointException(
                    FailureKind.UNAVAILABLE,
                    "the size of the file system of " + staging.directory() + " is not known: " + failure
                            + "; set moorage.worker.staging-bytes-max",
                    failure);
        }
    }

    private static String version() {
        String version = WorkerNode.class.getPackage().getImplementationVersion();
        return version == null ? "development" : version;
    }

    /** The door for ranks that run in this process. */
    public LocalHost host() {
        return host;
    }

    /** Where ranks of other processes find it; empty if the settings say no. */
    public Optional<Path> socket() {
        return socket.map(HostSocket::path);
    }

    /**
     * Has {@code hearer} called, on a thread that may be blocked, when a bug ends the worker. It closes itself then; its process
     * is to end, and another life of it believes what is staged.
     */
    public void onBug(Consumer<Throwable> hearer) {
        CompletionStage<Void> over = ending.over();
        over.thenRunAsync(() -> ending.bug().ifPresent(hearer));
    }

    /** The bug that has ended it, if one has. */
    public Optional<Throwable> bug() {
        return ending.bug();
    }

    /** Stops it; once is enough. What is staged stays, and the next worker of this name believes it. */
    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        host.close();
        socket.ifPresent(HostSocket::close);
        stop(worker, ending);
        bench.references().closeAll();
        bench.data().close();
        close(bench.staging());
    }

    private static void stop(ActorRef<WorkerCommand> worker, Ending ending) {
        worker.tell(Worker.Stop.INSTANCE);
        if (!ending.await(STOP_SECONDS)) {
            LOG.debug("{} did not say that it stopped", worker);
        }
    }

    private static void close(Staging staging) {
        try {
            staging.close();
        } catch (IOException failure) {
            LOG.warn("the lock of {} was not released: {}", staging.directory(), failure.toString());
        }
    }
}
