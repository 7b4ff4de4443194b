package dev.moorage.client;

import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.v1.AttachFrame;
import dev.moorage.protocol.v1.AttachReply;
import dev.moorage.protocol.v1.HostGrpc;
import dev.moorage.protocol.v1.Kind;
import dev.moorage.protocol.v1.LeaseReply;
import dev.moorage.protocol.v1.LeaseRequest;
import dev.moorage.protocol.v1.LoadEvent;
import dev.moorage.protocol.v1.LoadProgress;
import dev.moorage.protocol.v1.LoadRequest;
import dev.moorage.protocol.v1.Loaded;
import dev.moorage.protocol.v1.LoadedShard;
import dev.moorage.protocol.v1.StageReply;
import dev.moorage.protocol.v1.StageRequest;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;

/** A worker's local service whose segments are files of a folder. */
final class FakeHost extends HostGrpc.HostImplBase implements AutoCloseable {
    private final Path folder;
    private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
    private final Server server;
    final Map<Integer, AttachFrame> attached = new ConcurrentHashMap<>();
    final Map<Integer, byte[]> staged = new ConcurrentHashMap<>();
    final Map<Integer, StageRequest> stages = new ConcurrentHashMap<>();
    final CountDownLatch left = new CountDownLatch(1);

    FakeHost(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
        this.server = NettyServerBuilder.forAddress(new DomainSocketAddress(socket().toFile()))
                .channelType(EpollServerDomainSocketChannel.class)
                .bossEventLoopGroup(loop)
                .workerEventLoopGroup(loop)
                .addService(this)
                .build()
                .start();
    }

    Path socket() {
        return folder.resolve("host.sock");
    }

    @Override
    public StreamObserver<AttachFrame> attach(StreamObserver<AttachReply> to) {
        return new StreamObserver<>() {
            @Override
            public void onNext(AttachFrame frame) {
                if (frame.getRunToken().equals("old")) {
                    to.onError(Status.INVALID_ARGUMENT
                            .withDescription("superseded by run 3")
                            .asRuntimeException());
                    return;
                }
                attached.put(frame.getRank(), frame);
                to.onNext(AttachReply.newBuilder()
                        .setAttachment("" + frame.getRank())
                        .setRun(2)
                        .setWorker("w0")
                        .build());
            }

            @Override
            public void onError(Throwable gone) {
                left.countDown();
            }

            @Override
            public void onCompleted() {
                left.countDown();
                to.onCompleted();
            }
        };
    }

    @Override
    public void lease(LeaseRequest request, StreamObserver<LeaseReply> to) {
        try {
            Path file = folder.resolve("segment-" + request.getAttachment());
            Files.write(file, new byte[(int) request.getBytes()]);
            to.onNext(LeaseReply.newBuilder()
                    .setSegment(request.getAttachment())
                    .setPath(file.toString())
                    .setBytes(request.getBytes())
                    .build());
            to.onCompleted();
        } catch (IOException failure) {
            to.onError(Status.RESOURCE_EXHAUSTED.withDescription("full").asRuntimeException());
        }
    }

    @Override
    public void stage(StageRequest request, StreamObserver<StageReply> to) {
        try {
            byte[] bytes = Files.readAllBytes(folder.resolve("segment-" + request.getSegment()));
            int rank = Integer.parseInt(request.getAttachment());
            staged.put(rank, bytes);
            stages.put(rank, request);
            to.onNext(StageReply.newBuilder()
                    .setCrc32C(Crc32c.of(ByteBuffer.wrap(bytes)).value())
                    .build());
            to.onCompleted();
        } catch (IOException failure) {
            to.onError(Status.INTERNAL.asRuntimeException());
        }
    }

    @Override
    public void load(LoadRequest request, StreamObserver<LoadEvent> to) {
        to.onNext(LoadEvent.newBuilder()
                .setProgress(LoadProgress.newBuilder().setBytesDone(3).setBytesTotal(5))
                .build());
        to.onNext(LoadEvent.newBuilder()
                .setLoaded(Loaded.newBuilder()
                        .setStep(9)
                        .setAttempt(1)
                        .putMetadata("epoch", "4")
                        .addShards(LoadedShard.newBuilder()
                                .setKind(Kind.KIND_OWN)
                                .setFormatValue(2)
                                .setSegment("s")
                                .setPath("/dev/shm/s")
                                .setBytes(5)
                                .setCrc32C(0xCAFEBABE)))
                .build());
        to.onCompleted();
    }

    @Override
    public void close() {
        server.shutdownNow();
        var unused = loop.shutdownGracefully();
    }
}
