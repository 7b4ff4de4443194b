package dev.moorage.coordinator;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.CoordinatorCommand;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.cluster.WorkerCommand;
import dev.moorage.storage.ObjectStore;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.cluster.sharding.ShardRegion;
import org.apache.pekko.cluster.sharding.typed.GetShardRegionState;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.Join;

/** One coordinator node in a cluster of its own, and fake workers as actors beside it. */
final class ClusterBench implements AutoCloseable {
    private static final Config CONFIG = ConfigFactory.parseString("""
                    pekko.loglevel = WARNING
                    pekko.actor.provider = cluster
                    pekko.actor.allow-java-serialization = off
                    pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                    pekko.cluster.roles = [coordinator]
                    pekko.cluster.downing-provider-class = ""
                    pekko.cluster.jmx.enabled = off
                    pekko.cluster.min-nr-of-members = 1
                    pekko.coordinated-shutdown.exit-jvm = off
                    moorage.coordinator { ask-timeout = 10 s, watch-poll = 20 ms, watch-event-within = 200 ms }
                    moorage.time-scale = 0.05
                    """).withFallback(ConfigFactory.load());

    final ActorTestKit kit = ActorTestKit.create("bench", CONFIG);
    final CoordinatorNode node;
    final ManagedChannel channel;
    private final ObjectStore store;
    /** What coordinators meet that look at the time. */
    volatile Optional<IllegalStateException> clockFails = Optional.empty();
    /** How many milliseconds their clock is ahead. */
    volatile long later;

    ClusterBench(ObjectStore store) {
        this.store = store;
        Cluster cluster = Cluster.get(kit.system());
        cluster.manager().tell(Join.create(cluster.selfMember().address()));
        this.node = CoordinatorNode.start(kit.system(), CoordinatorSettings.from(CONFIG), store, this::millis);
        this.channel =
                NettyChannelBuilder.forTarget(node.endpoint()).usePlaintext().build();
    }

    private long millis() {
        clockFails.ifPresent(bug -> {
            throw bug;
        });
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime()) + later;
    }

    /** The jobs whose coordinators live. */
    Set<String> coordinated() {
        TestProbe<ShardRegion.CurrentShardRegionState> probe = kit.createTestProbe();
        ClusterSharding.get(kit.system())
                .shardState()
                .tell(new GetShardRegionState(CoordinatorCommand.ENTITY, probe.getRef()));
        return probe.receiveMessage().getShards().stream()
                .flatMap(shard -> shard.getEntityIds().stream())
                .collect(Collectors.toSet());
    }

    /** A worker actor; its messages are handled one at a time, as a worker's are. */
    FakeWorker worker(String name, JobName job) {
        FakeWorker worker = new FakeWorker(name, job, store, message -> tell(job, message));
        ActorRef<ToWorker> self = kit.spawn(behavior(worker, job), name);
        worker.self = self;
        kit.system().receptionist().tell(Receptionist.register(WorkerCommand.WORKERS, self));
        worker.register();
        await(() -> !worker.heard(ToWorker.Registered.class).isEmpty());
        return worker;
    }

    void tell(JobName job, ToCoordinator message) {
        ClusterSharding.get(kit.system())
                .entityRefFor(CoordinatorCommand.ENTITY, job.value())
                .tell(message);
    }

    private static Behavior<ToWorker> behavior(FakeWorker worker, JobName job) {
        return Behaviors.receive(ToWorker.class)
                .onMessage(ToWorker.DescribeAsked.class, asked -> {
                    asked.replyTo()
                            .tell(new Answer.WorkerView(
                                    worker.id, worker.incarnation, "here", "", List.of(job), 0, 0, 1, "test"));
                    return Behaviors.same();
                })
                .onAnyMessage(message -> {
                    worker.hear(message);
                    return Behaviors.same();
                })
                .build();
    }

    /** Looks until it holds, for at most 20 s. */
    static void await(BooleanSupplier holds) {
        long begin = System.nanoTime();
        CountDownLatch never = new CountDownLatch(1);
        try {
            while (!holds.getAsBoolean()) {
                if (System.nanoTime() - begin > Duration.ofSeconds(20).toNanos()) {
                    throw new AssertionError("it did not come to hold within 20 s");
                }
                boolean ignored = never.await(20, TimeUnit.MILLISECONDS);
            }
        } catch (InterruptedException interrupted) {
            throw new AssertionError(interrupted);
        }
    }

    @Override
    public void close() {
        channel.shutdownNow();
        node.close();
        kit.shutdownTestKit();
    }
}
