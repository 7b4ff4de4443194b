/**
 * The messages between the daemons, and the one serializer that puts them on the wire.
 *
 * <p>Messages name bytes and never carry them. They name a worker and its incarnation and hold no actor reference, except
 * {@link dev.moorage.protocol.cluster.ToCoordinator.Register} and the questions that want an answer. Those about an attempt
 * carry job, run, step, attempt and epoch. All are idempotent and may be lost, repeated or late.
 *
 * <p>Depends on: {@code protocol}, {@code protocol.record}, Pekko's typed actors. Used by: coordinator, worker, node.
 *
 * <p>Threading: everything here is immutable.
 */
package dev.moorage.protocol.cluster;
