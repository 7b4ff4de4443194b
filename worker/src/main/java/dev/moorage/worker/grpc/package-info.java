/**
 * The service for the ranks of this host, on a unix socket: translates calls into those of the host's door, and nothing else.
 *
 * <p>Knows nothing of rules or actors. Depends on: {@code worker.host}, {@code worker.core} for its values, {@code protocol},
 * gRPC. Used by: {@code worker}.
 *
 * <p>Threading: a call holds one thread of a pool of its own as long as it waits; the event loops never block.
 */
package dev.moorage.worker.grpc;
