package dev.moorage.coordinator;

import static java.util.Objects.requireNonNull;

import dev.moorage.coordinator.grpc.CheckpointsService;
import dev.moorage.coordinator.grpc.FrontDoor;
import dev.moorage.coordinator.grpc.JobQuestions;
import dev.moorage.coordinator.grpc.StoreReads;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.cluster.CoordinatorCommand;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.storage.BlockingIo;
import dev.moorage.storage.ObjectStore;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.cluster.sharding.typed.ClusterShardingSettings;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.sharding.typed.javadsl.EntityContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A coordinator node: hosts the coordinators of the jobs that the cluster places here, and answers at its front door for all
 * jobs. Any number of nodes may share a cluster and a store.
 */
public final class CoordinatorNode implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(CoordinatorNode.class);
    private static final String ROLE = "coordinator";

    private final ActorSystem<?> system;
    private final CoordinatorSettings settings;
    private final CoordinatorStore store;
    private final BlockingIo io;
    private final ClusterSharding sharding;
    private final FrontDoor door;
    private final LongSupplier monotonicMillis;
    private volatile boolean closed;

    private CoordinatorNode(
            ActorSystem<?> system, CoordinatorSettings settings, CoordinatorStore store, LongSupplier monotonicMillis) {
        this.system = system;
        this.monotonicMillis = monotonicMillis;
        this.settings = settings;
        this.store = store;
        this.io = new BlockingIo(system.dispatchers().lookup(DispatcherSelector.fromConfig("moorage.blocking-io")));
        this.sharding = ClusterSharding.get(system);
        sharding.init(Entity.of(CoordinatorCommand.ENTITY, this::coordinator)
                .withRole(ROLE)
                .withStopMessage(JobCoordinator.Stop.INSTANCE)
                .withSettings(ClusterShardingSettings.create(system)
                        .withNoPassivationStrategy()
                        .withRememberEntities(false)));
        StoreReads reads = new StoreReads(
                new BlockingIo(system.dispatchers().lookup(DispatcherSelector.fromConfig("moorage.front-door-io"))),
                settings.frontDoor().answerWithin());
        JobQuestions questions = new JobQuestions(
                system,
                job -> sharding.entityRefFor(CoordinatorCommand.ENTITY, job.value()),
                settings.frontDoor().askTimeout());
        this.door = FrontDoor.open(
                settings.frontDoor(),
                new CheckpointsService(questions, store.manifests(), store.catalog(), reads, settings.frontDoor()));
    }

    /**
     * Starts a node on a system that is, or is about to become, a cluster member with the role coordinator. Coordinators of
     * jobs with open attempts are woken in the background.
     *
     * @param store opened for writing; stays open when the node is closed
     * @throws CheckpointException INVALID or UNAVAILABLE if the front door cannot be opened as the settings say
     */
    public static CoordinatorNode start(ActorSystem<?> system, CoordinatorSettings settings, ObjectStore store) {
        return start(system, settings, store, () -> TimeUnit.NANOSECONDS.toMillis(System.nanoTime()));
    }

    /** @param monotonicMillis a clock that never goes back */
    static CoordinatorNode start(
            ActorSystem<?> system, CoordinatorSettings settings, ObjectStore store, LongSupplier monotonicMillis) {
        CoordinatorStore records =
                new CoordinatorStore(requireNonNull(store), settings.storeDeadline(), Clock.systemUTC()::millis);
        try {
            CoordinatorNode node = new CoordinatorNode(system, settings, records, monotonicMillis);
            node.wakeOpenJobs();
            return node;
        } catch (CheckpointException refused) {
            records.close();
            throw refused;
        }
    }

    private org.apache.pekko.actor.typed.Behavior<CoordinatorCommand> coordinator(
            EntityContext<CoordinatorCommand> entity) {
        return JobCoordinator.create(
                new JobName(entity.getEntityId()),
                new JobCoordinator.Tools(
                        store,
                        settings,
                        io,
                        new BlockingIo(system.dispatchers().lookup(DispatcherSelector.fromConfig("moorage.index-io"))),
                        system.address().toString(),
                        monotonicMillis,
                        idle -> entity.getShard().tell(new ClusterSharding.Passivate<>(idle))));
    }

    /** No attempt stays open because its coordinator died and nobody asked since. */
    private void wakeOpenJobs() {
        io.call(this::openJobs).whenComplete((jobs, failure) -> {
            if (closed) {
                return;
            }
            if (failure != null) {
                LOG.warn("open attempts cannot be looked for, trying again: {}", failure.getMessage());
                system.scheduler()
                        .scheduleOnce(
                                java.time.Duration.ofMillis(settings.timings().retryMillis()),
                                this::wakeOpenJobs,
                                system.executionContext());
            } else {
                jobs.forEach(this::wake);
            }
        });
    }

    private List<JobName> openJobs() {
        return store.manifests().jobs().stream()
                .filter(job -> !store.manifests().openAttempts(job).isEmpty())
                .toList();
    }

    private void wake(JobName job) {
        LOG.info("job {} has open attempts: its coordinator is woken", job);
        sharding.entityRefFor(CoordinatorCommand.ENTITY, job.value()).tell(new ToCoordinator.Wake(job));
    }

    /** HOST:PORT of the front door. */
    public String endpoint() {
        return door.endpoint();
    }

    /** Closes the front door. The coordinators here live on with the actor system, and move when it leaves the cluster. */
    @Override
    public void close() {
        closed = true;
        door.close();
        store.close();
    }
}
