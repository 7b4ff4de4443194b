package dev.moorage.client;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.grpc.StatusMapping;
import dev.moorage.protocol.v1.CheckpointsGrpc;
import dev.moorage.protocol.v1.CheckpointsGrpc.CheckpointsBlockingStub;
import dev.moorage.protocol.v1.WatchEvent;
import dev.moorage.protocol.v1.WatchRequest;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.ChannelOption;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;

/** The channels to a cluster's front doors: the one that answered last is asked first. Safe for any number of threads. */
final class Doors implements AutoCloseable {
    /** Get lists every shard of a checkpoint, which for 100,000 ranks takes some 20 MB. */
    private static final int ANSWER_BYTES_MAX = 64 << 20;

    private static final int CONNECT_MILLIS = 3_000;

    private final Endpoints endpoints;
    private final List<ManagedChannel> channels;
    private final Duration callDeadline;
    private final AtomicInteger preferred = new AtomicInteger();

    Doors(Endpoints endpoints, Duration callDeadline) {
        this.endpoints = endpoints;
        this.callDeadline = callDeadline;
        this.channels = endpoints.all().stream()
                .<ManagedChannel>map(endpoint -> NettyChannelBuilder.forTarget("dns:///" + endpoint)
                        .usePlaintext()
                        .withOption(ChannelOption.CONNECT_TIMEOUT_MILLIS, CONNECT_MILLIS)
                        .maxInboundMessageSize(ANSWER_BYTES_MAX)
                        .build())
                .toList();
    }

    /** One call: endpoints that cannot be reached are passed over, each is tried once. */
    <A> A call(Function<CheckpointsBlockingStub, A> work) {
        StatusRuntimeException last = null;
        int first = preferred.get();
        for (int i = 0; i < channels.size(); i++) {
            int door = (first + i) % channels.size();
            try {
                A answer = work.apply(CheckpointsGrpc.newBlockingStub(channels.get(door))
                        .withDeadlineAfter(callDeadline.toNanos(), TimeUnit.NANOSECONDS));
                preferred.set(door);
                return answer;
            } catch (StatusRuntimeException failure) {
                last = failure;
                if (failure.getStatus().getCode() != Status.Code.UNAVAILABLE) {
                    break;
                }
            }
        }
        throw failure(last);
    }

    /** Starts a stream of events at the door that answered last. */
    EventStream<WatchRequest, WatchEvent> watch(WatchRequest request) {
        EventStream<WatchRequest, WatchEvent> events = new EventStream<>(this::failure);
        int door = Math.floorMod(preferred.get(), channels.size());
        CheckpointsGrpc.newStub(channels.get(door)).watch(request, events);
        return events;
    }

    /** Asks another door first from now on. */
    void turnToNext() {
        preferred.updateAndGet(door -> (door + 1) % channels.size());
    }

    /** What the failure of a call means; one that never reached a server names where it was looked for. */
    RuntimeException failure(StatusRuntimeException call) {
        Status.Code code = call.getStatus().getCode();
        if (code == Status.Code.UNAVAILABLE && call.getStatus().getCause() != null) {
            return new CheckpointException(
                    FailureKind.UNAVAILABLE,
                    "no coordinator answers at " + endpoints + " ("
                            + rootMessage(call.getStatus().getCause())
                            + "); check --endpoint and that a coordinator runs there",
                    call);
        }
        if (code == Status.Code.DEADLINE_EXCEEDED) {
            return new CheckpointException(
                    FailureKind.UNAVAILABLE,
                    "the coordinator at " + endpoints + " did not answer in time: "
                            + call.getStatus().getDescription() + "; try again",
                    call);
        }
        return StatusMapping.toFailure(call);
    }

    private static String rootMessage(Throwable failure) {
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        String message = root.getMessage() == null ? root.getClass().getSimpleName() : root.getMessage();
        // Netty puts the system call before what it answered; only the answer helps.
        return message.replaceFirst("^.*failed with error\\(-?[0-9]+\\): ", "");
    }

    Endpoints endpoints() {
        return endpoints;
    }

    @Override
    public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
    }
}
