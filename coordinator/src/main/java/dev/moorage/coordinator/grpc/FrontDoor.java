package dev.moorage.coordinator.grpc;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.v1.CheckpointsGrpc;
import io.grpc.BindableService;
import io.grpc.Server;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionService;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The gRPC server of a coordinator node: the public service, health, and reflection in both versions. */
public final class FrontDoor implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(FrontDoor.class);
    private static final int INBOUND_BYTES_MAX = 4 << 20;
    private static final int HEADER_BYTES_MAX = 8 << 10;

    private final Server server;
    private final HealthStatusManager health;
    private final String endpoint;

    private FrontDoor(Server server, HealthStatusManager health, String endpoint) {
        this.server = server;
        this.health = health;
        this.endpoint = endpoint;
    }

    /**
     * Serves until it is closed.
     *
     * @throws CheckpointException INVALID for an address that must not or cannot be listened on; UNAVAILABLE if it is taken
     */
    public static FrontDoor open(FrontDoorSettings settings, CheckpointsService service) {
        InetSocketAddress address = settings.address();
        HealthStatusManager health = new HealthStatusManager();
        Server server = NettyServerBuilder.forAddress(address)
                .addService(service)
                .addService(health.getHealthService())
                .addService(ProtoReflectionServiceV1.newInstance())
                .addService(reflectionV1Alpha())
                .maxInboundMessageSize(INBOUND_BYTES_MAX)
                .maxInboundMetadataSize(HEADER_BYTES_MAX)
                .maxConcurrentCallsPerConnection(settings.concurrentCallsMax())
                .permitKeepAliveTime(10, TimeUnit.SECONDS)
                .permitKeepAliveWithoutCalls(true)
                .handshakeTimeout(10, TimeUnit.SECONDS)
                .maxConnectionIdle(5, TimeUnit.MINUTES)
                .maxConnectionAge(1, TimeUnit.HOURS)
                .maxConnectionAgeGrace(1, TimeUnit.MINUTES)
                .directExecutor()
                .build();
        try {
            server.start();
        } catch (IOException failure) {
            throw new CheckpointException(
                    FailureKind.UNAVAILABLE,
                    "cannot listen on " + settings.listen() + ": " + failure.getMessage()
                            + "; choose another moorage.coordinator.listen",
                    failure);
        }
        health.setStatus(HealthStatusManager.SERVICE_NAME_ALL_SERVICES, ServingStatus.SERVING);
        health.setStatus(CheckpointsGrpc.SERVICE_NAME, ServingStatus.SERVING);
        String endpoint = host(address) + ":" + server.getPort();
        if (settings.insecure()) {
            LOG.warn("the front door at {} is insecure: no TLS, and anybody who reaches it may use it", endpoint);
        } else {
            LOG.info("the front door is open at {}", endpoint);
        }
        return new FrontDoor(server, health, endpoint);
    }

    /** Old clients, grpcio's among them, speak this version only. */
    @SuppressWarnings("deprecation")
    private static BindableService reflectionV1Alpha() {
        return ProtoReflectionService.newInstance();
    }

    private static String host(InetSocketAddress address) {
        String host = address.getHostString();
        return host.contains(":") ? "[" + host + "]" : host;
    }

    /** HOST:PORT. */
    public String endpoint() {
        return endpoint;
    }

    /** Says that it goes, lets calls end for a moment, and stops. */
    @Override
    public void close() {
        health.enterTerminalState();
        server.shutdown();
        try {
            if (!server.awaitTermination(1, TimeUnit.SECONDS)) {
                server.shutdownNow();
            }
        } catch (InterruptedException interrupted) {
            server.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }
}
