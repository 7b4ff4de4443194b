/**
 * What the gRPC edges share: failures as statuses, enums and views as the messages of {@code moorage.v1}. Both directions of
 * a mapping are in one place, so that a server and a client cannot disagree.
 *
 * <p>Knows no service, channel or server, and sends nothing.
 *
 * <p>Depends on: {@code protocol}, the answers of {@code protocol.cluster}, gRPC's status. Used by: coordinator.grpc,
 * worker.grpc, client.
 *
 * <p>Threading: everything here is static and without state.
 */
package dev.moorage.protocol.grpc;
