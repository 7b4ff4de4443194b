/**
 * The coordinator daemon: one sharded entity per job that decides, and the node that hosts it.
 *
 * <p>{@link dev.moorage.coordinator.JobCoordinator} is a thin shell around
 * {@link dev.moorage.coordinator.core.JobMachine}: messages become events, effects become tells, timers and store
 * operations. {@link dev.moorage.coordinator.StoreOperations} carries those out. {@link dev.moorage.coordinator.CoordinatorNode}
 * wires both to a cluster, a store and the front door.
 *
 * <p>Knows nothing of workers but their messages, and of tensors nothing at all. Depends on: {@code checkpoint},
 * {@code storage}, {@code protocol}, Pekko.
 *
 * <p>Threading: actors; what blocks runs on the dispatcher {@code moorage.blocking-io}.
 */
package dev.moorage.coordinator;
