package dev.moorage.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.moorage.coordinator.CoordinatorNode;
import dev.moorage.coordinator.CoordinatorSettings;
import dev.moorage.node.local.PrivateFolder;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.storage.ObjectStore;
import dev.moorage.worker.WorkerNode;
import dev.moorage.worker.WorkerSettings;
import dev.moorage.worker.host.LocalHost;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorSystem;

/**
 * A whole cluster in this process: one actor system with both roles on a free loopback port, joined to itself; its workers are
 * called {@code embedded-0}, {@code embedded-1} and so on. What is staged in it is lost when it ends; what is committed is in
 * the store. Safe for any number of threads.
 */
public final class EmbeddedCluster implements AutoCloseable {
    /** Most workers that one process takes. */
    public static final int WORKERS_MAX = 64;

    private static final long BUFFER_BYTES_MIN = 32L << 20;
    private static final Duration UP_WITHIN = Duration.ofSeconds(60);

    private final ClusterMember member;
    private final CoordinatorNode coordinator;
    private final List<WorkerNode> workers;

    private EmbeddedCluster(ClusterMember member, CoordinatorNode coordinator, List<WorkerNode> workers) {
        this.member = member;
        this.coordinator = coordinator;
        this.workers = List.copyOf(workers);
    }

    /** How the ranks get to the workers. */
    public enum Doors {
        /** Only through {@link #hosts}, in this process. */
        IN_PROCESS,
        /** Also through a unix socket for each worker. */
        SOCKETS
    }

    /**
     * Starts the cluster and waits until it answers.
     *
     * @param config all keys of Moorage and of Pekko
     * @param store that the caller opened for writing, and closes after the cluster
     * @param workers 1 to {@link #WORKERS_MAX}
     * @throws CheckpointException INVALID for settings that cannot be; UNAVAILABLE if it does not come up
     */
    public static EmbeddedCluster start(Config config, ObjectStore store, int workers, Doors doors) {
        if (workers < 1 || workers > WORKERS_MAX) {
            throw CheckpointException.invalid("workers must be 1 to " + WORKERS_MAX + ", was " + workers);
        }
        ClusterMember member = ClusterMember.start(
                config, new HostPort("127.0.0.1", 0), Set.of(ClusterMember.COORDINATOR, ClusterMember.WORKER));
        try {
            PrivateFolder staging = PrivateFolder.make("moorage-embedded-");
            member.closesLast("the staging folder", staging);
            CoordinatorNode coordinator = CoordinatorNode.start(
                    member.system(), Configuration.checked(config, CoordinatorSettings::from), store);
            member.closesBeforeLeaving("the coordinator", coordinator);
            List<WorkerNode> nodes = new ArrayList<>();
            for (int i = 0; i < workers; i++) {
                WorkerSettings settings = settings(config, i, workers, staging.path(), doors);
                WorkerNode node = WorkerNode.start(member.system(), settings, store);
                member.closesBeforeLeaving("worker " + i, node);
                nodes.add(node);
            }
            member.begin();
            member.awaitUp(UP_WITHIN);
            ListedWorkers.await(member.system(), workers, UP_WITHIN);
            return new EmbeddedCluster(member, coordinator, nodes);
        } catch (RuntimeException failure) {
            member.close();
            throw failure;
        }
    }

    private static WorkerSettings settings(Config config, int number, int workers, Path staging, Doors doors) {
        // One process, one budget: the workers share what a single one would take.
        long buffers = Configuration.checked(config, WorkerSettings::from).bufferBytes();
        Map<String, Object> own = Map.of(
                "moorage.worker.name",
                "embedded-" + number,
                "moorage.worker.staging-dir",
                staging.toString(),
                "moorage.worker.socket",
                doors == Doors.SOCKETS,
                "moorage.worker.buffer-bytes",
                Math.max(BUFFER_BYTES_MIN, buffers / workers));
        return Configuration.checked(
                ConfigFactory.parseMap(own, "the embedded cluster").withFallback(config), WorkerSettings::from);
    }

    /** The workers, for ranks in this process. */
    public List<LocalHost> hosts() {
        return workers.stream().map(WorkerNode::host).toList();
    }

    /** The actor system that all of it runs in. */
    ActorSystem<?> system() {
        return member.system();
    }

    /** Has {@code work} closed when the cluster ends, also by Ctrl-C, while all of it still answers; 5 s at most. */
    void closesFirst(String name, AutoCloseable work) {
        member.closesFirst(name, work);
    }

    /** Where clients reach the coordinator: {@code HOST:PORT}. */
    public String endpoint() {
        return coordinator.endpoint();
    }

    /** Has the process end with status 0 when it is told to end and the cluster has ended in order. */
    void endsCleanly() {
        member.endsCleanly();
    }

    /**
     * Waits until the cluster has ended; the answer is the reason, empty when this process is being ended.
     *
     * @throws IllegalStateException if a bug ended it
     */
    public Optional<String> awaitEnd() {
        workers.forEach(worker -> worker.onBug(bug -> member.close()));
        Optional<String> end = member.awaitEnd();
        throwIfFailed();
        return end;
    }

    /**
     * Looks whether all workers live.
     *
     * @throws IllegalStateException if a bug has ended one
     */
    public void throwIfFailed() {
        for (WorkerNode worker : workers) {
            worker.bug().ifPresent(bug -> {
                throw new IllegalStateException("a worker of the embedded cluster stopped by " + bug, bug);
            });
        }
    }

    /** Ends the cluster: its doors close, what is staged is dropped, the store stays open. */
    @Override
    public void close() {
        member.close();
    }
}
