package dev.moorage.node;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.storage.Stores;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.Done;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.AddressFromURIString;
import org.apache.pekko.actor.CoordinatedShutdown;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.Cluster;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** This process as a member of a cluster: one actor system, from its start to its leaving. Safe for any number of threads. */
final class ClusterMember implements AutoCloseable {
    static final String COORDINATOR = "coordinator";
    static final String WORKER = "worker";

    private static final Logger LOG = LoggerFactory.getLogger(ClusterMember.class);
    private static final String SYSTEM = "moorage";
    private static final Duration LEAVE_WITHIN = Duration.ofSeconds(30);

    private final ActorSystem<Void> system;

    private ClusterMember(ActorSystem<Void> system) {
        this.system = system;
    }

    /**
     * Starts an actor system that listens, and is not yet in any cluster.
     *
     * @throws CheckpointException INVALID if it cannot listen there
     */
    static ClusterMember start(Config config, HostPort bind, Set<String> roles) {
        Config own = ConfigFactory.parseMap(
                Map.of(
                        "pekko.remote.artery.canonical.hostname", bind.host(),
                        "pekko.remote.artery.canonical.port", bind.port(),
                        "pekko.cluster.roles", List.copyOf(roles)),
                "node");
        try {
            checkFree(bind);
            return new ClusterMember(ActorSystem.create(Behaviors.empty(), SYSTEM, own.withFallback(config)));
        } catch (RuntimeException | IOException failure) {
            throw new CheckpointException(
                    FailureKind.INVALID,
                    "cannot listen on " + bind + " for the other nodes: "
                            + rootOf(failure).getMessage() + "; choose another --cluster HOST:PORT",
                    failure);
        }
    }

    /** Fails as the actor system would, but without the stack trace that it writes first. */
    private static void checkFree(HostPort bind) throws IOException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(InetAddress.getByName(bind.host()), bind.port()));
        }
    }

    /** The actor system, for the coordinator and the worker that run in it. */
    ActorSystem<Void> system() {
        return system;
    }

    /** Begins a cluster of its own. */
    void begin() {
        cluster().join(cluster().selfAddress());
    }

    /** Joins the cluster of the first seed that answers; tries again until one does. */
    void join(List<HostPort> seeds) {
        List<Address> addresses = seeds.stream()
                .map(seed -> AddressFromURIString.parse("pekko://" + SYSTEM + "@" + seed))
                .toList();
        cluster().joinSeedNodes(addresses);
    }

    /** Where the other nodes reach this one. */
    HostPort address() {
        Address self = cluster().selfAddress();
        return new HostPort(self.getHost().orElseThrow(), (Integer) self.port().get());
    }

    /** Completed when this node is a full member. */
    CompletableFuture<Void> up() {
        CompletableFuture<Void> up = new CompletableFuture<>();
        cluster().registerOnMemberUp(() -> up.complete(null));
        return up;
    }

    /**
     * Waits until this node is a full member.
     *
     * @throws CheckpointException UNAVAILABLE after the deadline
     */
    void awaitUp(Duration deadline) {
        try {
            up().get(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException late) {
            throw new CheckpointException(
                    FailureKind.UNAVAILABLE,
                    address() + " did not become a member of the cluster within " + deadline.toSeconds()
                            + " s: is a coordinator running, and is the address of the seed right?",
                    late);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CheckpointException(FailureKind.UNAVAILABLE, "interrupted while joining", interrupted);
        } catch (ExecutionException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    /** Has {@code part} closed when this node leaves, while all of it still answers; 5 s at most. */
    void closesFirst(String name, AutoCloseable part) {
        closesIn(CoordinatedShutdown.PhaseBeforeServiceUnbind(), name, part);
    }

    /** Has {@code part} closed when this node leaves, before it says good-bye to the cluster. */
    void closesBeforeLeaving(String name, AutoCloseable part) {
        closesIn(CoordinatedShutdown.PhaseServiceUnbind(), name, part);
    }

    /** Has {@code part} closed when nothing of this node runs any more. */
    void closesLast(String name, AutoCloseable part) {
        closesIn(CoordinatedShutdown.PhaseBeforeActorSystemTerminate(), name, part);
    }

    private void closesIn(String phase, String name, AutoCloseable part) {
        CoordinatedShutdown.get(system)
                .addTask(
                        phase,
                        "close " + name,
                        () -> CompletableFuture.supplyAsync(() -> {
                            try {
                                part.close();
                            } catch (Exception failure) {
                                LOG.warn("closing {} failed: {}", name, failure.toString());
                            }
                            return Done.getInstance();
                        }));
    }

    /**
     * Waits until this node has left, for whatever reason.
     *
     * @return that reason; empty when this process is being ended, by SIGTERM or Ctrl-C, which nobody needs to be told
     */
    Optional<String> awaitEnd() {
        system.getWhenTerminated().toCompletableFuture().join();
        Optional<CoordinatedShutdown.Reason> reason =
                CoordinatedShutdown.get(system).getShutdownReason();
        return reason.filter(CoordinatedShutdown.jvmExitReason()::equals).isPresent()
                ? Optional.empty()
                : Optional.of(reason.map(Object::toString).orElse("the actor system ended"));
    }

    /**
     * Has the process end with status 0 when it is told to end, by SIGTERM or Ctrl-C, and has left in order. The JVM itself would
     * say 143 or 130, which service managers take for a failure.
     */
    void endsCleanly() {
        Runtime.getRuntime().addShutdownHook(new Thread(this::endCleanly, "moorage-clean-end"));
    }

    private void endCleanly() {
        try {
            system.getWhenTerminated().toCompletableFuture().get(LEAVE_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException late) {
            return;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return;
        }
        // For any other reason the main thread has its own status to end with.
        if (awaitEnd().isEmpty()) {
            Stores.removeTemporaryFiles();
            Runtime.getRuntime().halt(0);
        }
    }

    /** Leaves the cluster and waits until that is done, 30 s at most. */
    @Override
    public void close() {
        CoordinatedShutdown.get(system).runAll(CoordinatedShutdown.actorSystemTerminateReason());
        try {
            system.getWhenTerminated().toCompletableFuture().get(LEAVE_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException late) {
            LOG.warn("the node did not leave the cluster within {} s: {}", LEAVE_WITHIN.toSeconds(), late.toString());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private Cluster cluster() {
        return Cluster.get(Adapter.toClassic(system));
    }

    private static Throwable rootOf(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null) {
            root = root.getCause();
        }
        return root;
    }
}
