/**
 * The front door: the public {@code moorage.v1.Checkpoints} service of a coordinator node, with health and reflection.
 *
 * <p>It checks what comes in, asks the job's coordinator wherever that lives, or reads the store, and answers in the words of
 * the API. It decides nothing and carries no tensor bytes.
 *
 * <p>Depends on: {@code protocol.grpc}, {@code checkpoint}, gRPC, Pekko's ask. Used by: the coordinator node.
 *
 * <p>Threading: calls come on gRPC's threads and never block them; the store is read through
 * {@link dev.moorage.storage.BlockingIo}.
 */
package dev.moorage.coordinator.grpc;
