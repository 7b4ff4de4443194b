package dev.moorage.worker;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.cluster.CoordinatorCommand;
import dev.moorage.protocol.cluster.ToCoordinator;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.sharding.typed.javadsl.ClusterSharding;
import org.apache.pekko.cluster.sharding.typed.javadsl.Entity;
import org.apache.pekko.cluster.typed.Cluster;

/** Sends messages to the coordinators of jobs through the shard region. */
final class CoordinatorLink implements Consumer<ToCoordinator> {
    private static final String ROLE = "coordinator";

    private final ActorSystem<?> system;
    private final ClusterSharding sharding;

    private CoordinatorLink(ActorSystem<?> system, ClusterSharding sharding) {
        this.system = system;
        this.sharding = sharding;
    }

    /** On a node that is no coordinator itself, this starts the proxy of the region; on one that is, the region is its matter. */
    static CoordinatorLink start(ActorSystem<?> system) {
        ClusterSharding sharding = ClusterSharding.get(system);
        if (!Cluster.get(system).selfMember().hasRole(ROLE)) {
            sharding.init(Entity.of(CoordinatorCommand.ENTITY, context -> Behaviors.<CoordinatorCommand>empty())
                    .withRole(ROLE));
        }
        return new CoordinatorLink(system, sharding);
    }

    @Override
    public void accept(ToCoordinator message) {
        try {
            sharding.entityRefFor(CoordinatorCommand.ENTITY, message.job().value())
                    .tell(message);
        } catch (IllegalStateException notStarted) {
            // The node's coordinator has not started its region yet. Whatever matters is said again with the next
            // registration.
            system.log().debug("{} is not sent: {}", message.getClass().getSimpleName(), notStarted.getMessage());
        } catch (CheckpointException invalid) {
            system.log().warn("{} is not sent: {}", message.getClass().getSimpleName(), invalid.getMessage());
        }
    }
}
