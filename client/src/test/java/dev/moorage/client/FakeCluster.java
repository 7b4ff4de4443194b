package dev.moorage.client;

import dev.moorage.protocol.v1.CheckpointInfo;
import dev.moorage.protocol.v1.CheckpointsGrpc;
import dev.moorage.protocol.v1.GetRequest;
import dev.moorage.protocol.v1.ListReply;
import dev.moorage.protocol.v1.ListRequest;
import dev.moorage.protocol.v1.ListWorkersReply;
import dev.moorage.protocol.v1.ListWorkersRequest;
import dev.moorage.protocol.v1.SaveReply;
import dev.moorage.protocol.v1.SaveRequest;
import dev.moorage.protocol.v1.SaveStatus;
import dev.moorage.protocol.v1.VerificationStatus;
import dev.moorage.protocol.v1.VerifyReply;
import dev.moorage.protocol.v1.VerifyRequest;
import dev.moorage.protocol.v1.WatchEvent;
import dev.moorage.protocol.v1.WatchRequest;
import dev.moorage.protocol.v1.WorkerInfo;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** A front door that plays from a script, on a free port of loopback. */
public final class FakeCluster extends CheckpointsGrpc.CheckpointsImplBase implements AutoCloseable {
    private final Server server;
    private final String endpoint;

    /** What each watch does, in order; the last one is repeated. */
    public final Queue<Consumer<StreamObserver<WatchEvent>>> watches = new ArrayDeque<>();

    /** Of each page: its token to what is on it. */
    public final Map<String, ListReply> pages = new ConcurrentHashMap<>();

    public final Queue<SaveRequest> saves = new ConcurrentLinkedQueue<>();
    public final Queue<VerifyRequest> verifications = new ConcurrentLinkedQueue<>();
    public volatile Status failure = Status.OK;
    public volatile List<WorkerInfo> workers = List.of();
    public volatile CheckpointInfo checkpoint = CheckpointInfo.getDefaultInstance();
    public final AtomicInteger calls = new AtomicInteger();

    public FakeCluster() throws IOException {
        server = NettyServerBuilder.forAddress(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0))
                .addService(this)
                .build()
                .start();
        endpoint = "127.0.0.1:" + server.getPort();
    }

    public String endpoint() {
        return endpoint;
    }

    private <A> void answer(StreamObserver<A> to, A answer) {
        calls.incrementAndGet();
        if (failure.isOk()) {
            to.onNext(answer);
            to.onCompleted();
        } else {
            to.onError(failure.asRuntimeException());
        }
    }

    @Override
    public void save(SaveRequest request, StreamObserver<SaveReply> to) {
        saves.add(request);
        answer(
                to,
                SaveReply.newBuilder()
                        .setSave(SaveStatus.newBuilder()
                                .setJob(request.getJob())
                                .setStep(request.getStep())
                                .setStateValue(1))
                        .build());
    }

    @Override
    public void verify(VerifyRequest request, StreamObserver<VerifyReply> to) {
        verifications.add(request);
        answer(
                to,
                VerifyReply.newBuilder()
                        .setVerification(VerificationStatus.newBuilder()
                                .setRequestId(request.getRequestId())
                                .setRunning(true))
                        .build());
    }

    @Override
    public synchronized void watch(WatchRequest request, StreamObserver<WatchEvent> to) {
        calls.incrementAndGet();
        (watches.size() > 1 ? watches.remove() : watches.element()).accept(to);
    }

    @Override
    public void get(GetRequest request, StreamObserver<CheckpointInfo> to) {
        answer(to, checkpoint);
    }

    @Override
    public void list(ListRequest request, StreamObserver<ListReply> to) {
        answer(to, pages.get(request.getPageToken()));
    }

    @Override
    public void listWorkers(ListWorkersRequest request, StreamObserver<ListWorkersReply> to) {
        answer(to, ListWorkersReply.newBuilder().addAllWorkers(workers).build());
    }

    @Override
    public void close() {
        server.shutdownNow();
    }
}
