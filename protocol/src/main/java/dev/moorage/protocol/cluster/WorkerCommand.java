package dev.moorage.protocol.cluster;

import org.apache.pekko.actor.typed.receptionist.ServiceKey;

/** Anything that a worker takes: messages from other processes, and its own to itself. */
public interface WorkerCommand {
    /** Under which the workers of a cluster are found: to list them, and to invite them to a verification. Nothing else relies on it. */
    ServiceKey<ToWorker> WORKERS = ServiceKey.create(ToWorker.class, "workers");
}
