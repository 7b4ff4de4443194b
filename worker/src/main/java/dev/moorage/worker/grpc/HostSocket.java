package dev.moorage.worker.grpc;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.worker.host.LocalHost;
import io.grpc.Server;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.protobuf.services.HealthStatusManager;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** The unix socket of a worker, open for its user alone. */
public final class HostSocket implements AutoCloseable {
    /** The kernel's limit, with the ending zero. */
    private static final int PATH_BYTES_MAX = 107;

    private static final int MESSAGE_BYTES_MAX = 1024 * 1024;
    private static final int CALLS_MAX = 64;
    private static final long STOP_SECONDS = 5;

    private final Path path;
    private final Server server;
    private final EventLoopGroup loops;
    private final ExecutorService threads;

    private HostSocket(Path path, Server server, EventLoopGroup loops, ExecutorService threads) {
        this.path = path;
        this.server = server;
        this.loops = loops;
        this.threads = threads;
    }

    /**
     * Where the socket of a worker is.
     *
     * @throws CheckpointException INVALID if the kernel takes no such long path
     */
    public static Path path(Path directory) {
        Path path = directory.resolve("host.sock");
        int bytes = path.toString().getBytes(StandardCharsets.UTF_8).length;
        if (bytes > PATH_BYTES_MAX) {
            throw CheckpointException.invalid("the path of the worker's socket has " + bytes + " bytes, at most "
                    + PATH_BYTES_MAX + " are possible: " + path + "; set a shorter staging-dir or worker name");
        }
        return path;
    }

    /**
     * Opens the socket. A file that is there is a leftover, as the caller holds the directory's lock.
     *
     * @throws CheckpointException INVALID where there is no epoll; UNAVAILABLE if the socket cannot be made
     */
    public static HostSocket start(Path path, LocalHost host) {
        if (!Epoll.isAvailable()) {
            throw CheckpointException.invalid("unix sockets need epoll, which this platform does not have ("
                    + Epoll.unavailabilityCause() + "); set moorage.worker.socket = off");
        }
        EventLoopGroup loops =
                new MultiThreadIoEventLoopGroup(1, named("moorage-host-loop"), EpollIoHandler.newFactory());
        ExecutorService threads = Executors.newCachedThreadPool(named("moorage-host"));
        try {
            Files.deleteIfExists(path);
            HealthStatusManager health = new HealthStatusManager();
            Server server = NettyServerBuilder.forAddress(new DomainSocketAddress(path.toFile()))
                    .channelType(EpollServerDomainSocketChannel.class)
                    .bossEventLoopGroup(loops)
                    .workerEventLoopGroup(loops)
                    .executor(threads)
                    .maxInboundMessageSize(MESSAGE_BYTES_MAX)
                    .maxConcurrentCallsPerConnection(CALLS_MAX)
                    .addService(new HostService(host))
                    .addService(health.getHealthService())
                    .build()
                    .start();
            // The directory is the user's alone already: nobody else can have connected before this.
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            return new HostSocket(path, server, loops, threads);
        } catch (IOException failure) {
            end(loops);
            threads.shutdown();
            throw new CheckpointException(
                    FailureKind.UNAVAILABLE, "no unix socket at " + path + ": " + failure.getMessage(), failure);
        }
    }

    private static ThreadFactory named(String name) {
        AtomicInteger number = new AtomicInteger();
        return work -> {
            Thread thread = new Thread(work, name + "-" + number.getAndIncrement());
            thread.setDaemon(true);
            return thread;
        };
    }

    /** Absolute. */
    public Path path() {
        return path;
    }

    /** Ends all calls and removes the socket. */
    @Override
    public void close() {
        server.shutdownNow();
        try {
            server.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS);
            Files.deleteIfExists(path);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        } catch (IOException left) {
            // The next worker of this name removes it.
        }
        threads.shutdownNow();
        end(loops);
    }

    private static void end(EventLoopGroup loops) {
        loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly(STOP_SECONDS, TimeUnit.SECONDS);
    }
}
