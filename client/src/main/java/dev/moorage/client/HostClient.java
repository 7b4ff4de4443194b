package dev.moorage.client;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.grpc.StatusMapping;
import dev.moorage.protocol.v1.DescribeRequest;
import dev.moorage.protocol.v1.HostGrpc;
import dev.moorage.protocol.v1.WorkerInfo;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.Epoll;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.netty.shaded.io.netty.util.concurrent.DefaultThreadFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * A connection to the worker of this host, over its unix socket. Any number of ranks may be attached through one. Safe for
 * any number of threads.
 */
public final class HostClient implements AutoCloseable {
    private final Path socket;
    private final Duration callDeadline;
    private final EventLoopGroup loop;
    private final ManagedChannel channel;

    private HostClient(Path socket, Duration callDeadline) {
        this.socket = socket;
        this.callDeadline = callDeadline;
        this.loop = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("moorage-host-client", true), EpollIoHandler.newFactory());
        this.channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
                .eventLoopGroup(loop)
                .channelType(EpollDomainSocketChannel.class)
                .overrideAuthority("localhost")
                .usePlaintext()
                .build();
    }

    /**
     * Opens the socket that a worker listens on, with a minute for each call. Connects when it is first asked.
     *
     * @throws CheckpointException NOT_FOUND if there is no such socket; INVALID where unix sockets cannot be used
     */
    public static HostClient open(Path socket) {
        return open(socket, Duration.ofMinutes(1));
    }

    /**
     * Opens the socket that a worker listens on.
     *
     * @param callDeadline of one call; staging a large shard waits for its memory and its sum
     * @throws CheckpointException as {@link #open(Path)}
     */
    public static HostClient open(Path socket, Duration callDeadline) {
        if (!Epoll.isAvailable()) {
            throw CheckpointException.invalid("the worker's unix socket needs Linux: "
                    + Epoll.unavailabilityCause().getMessage());
        }
        if (!Files.exists(socket)) {
            throw CheckpointException.notFound(
                    "no worker listens on " + socket + "; start one on this host: moorage worker");
        }
        return new HostClient(socket, callDeadline);
    }

    /** Who the worker is. */
    public WorkerInfo describe() {
        return call(stub -> stub.describe(DescribeRequest.getDefaultInstance()));
    }

    /**
     * Joins a rank to its run. Returns once the run has its number.
     *
     * @throws CheckpointException INVALID if a newer run superseded this one
     */
    public HostSession attach(Attachment who) {
        return HostSession.attach(this, who);
    }

    /** The socket that this client speaks through. */
    public Path socket() {
        return socket;
    }

    <A> A call(Function<HostGrpc.HostBlockingStub, A> work) {
        try {
            return work.apply(
                    HostGrpc.newBlockingStub(channel).withDeadlineAfter(callDeadline.toNanos(), TimeUnit.NANOSECONDS));
        } catch (StatusRuntimeException failure) {
            throw failure(failure);
        }
    }

    HostGrpc.HostStub streams() {
        return HostGrpc.newStub(channel);
    }

    Duration callDeadline() {
        return callDeadline;
    }

    /** What the failure of a call means; one that never reached the worker names the socket. */
    RuntimeException failure(StatusRuntimeException call) {
        Status status = call.getStatus();
        if (status.getCode() == Status.Code.UNAVAILABLE && status.getCause() != null) {
            return new CheckpointException(
                    FailureKind.UNAVAILABLE,
                    "the worker at " + socket + " does not answer; see whether it still runs, or start it again",
                    call);
        }
        if (status.getCode() == Status.Code.DEADLINE_EXCEEDED) {
            return new CheckpointException(
                    FailureKind.UNAVAILABLE,
                    "the worker at " + socket + " did not answer in time: " + status.getDescription()
                            + "; see whether a coordinator runs, then try again",
                    call);
        }
        return StatusMapping.toFailure(call);
    }

    /** Ends all sessions and the connection. */
    @Override
    public void close() {
        channel.shutdownNow();
        // Its threads are daemons and hold nothing; nobody needs to wait for their end.
        var unused = loop.shutdownGracefully(0, 1, TimeUnit.SECONDS);
    }
}
