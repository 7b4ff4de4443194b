package dev.moorage.protocol.cluster;

import org.apache.pekko.cluster.sharding.typed.javadsl.EntityTypeKey;

/** Anything that a job's coordinator takes: messages from other processes, and its own to itself. */
public interface CoordinatorCommand {
    /** The sharded entity that coordinates a job; the entity id is the job's name. */
    EntityTypeKey<CoordinatorCommand> ENTITY = EntityTypeKey.create(CoordinatorCommand.class, "job");
}
