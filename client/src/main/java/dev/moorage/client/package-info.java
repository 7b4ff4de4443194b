/**
 * The Java client: saves, verifications and questions to a cluster, and the local service of a worker for the ranks of its
 * host.
 *
 * <p>Knows nothing of actors and of what a store holds; answers are the messages of {@code moorage.v1}. Depends on: {@code
 * protocol}, gRPC, and the shard sources of {@code dev.moorage.checkpoint}. Used by: the commands, and programs that talk to
 * a cluster.
 *
 * <p>Threading: every call blocks and may be made from any thread. Every wait has a deadline; an interrupted wait ends with a
 * {@link java.util.concurrent.CancellationException} and the thread stays interrupted. Failures are
 * {@link dev.moorage.protocol.CheckpointException}.
 */
package dev.moorage.client;
