package dev.moorage.worker.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.moorage.checkpoint.ManifestLog;
import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.SaveSpec;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorldSize;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.PlannedShard;
import dev.moorage.protocol.v1.AttachFrame;
import dev.moorage.protocol.v1.AttachReply;
import dev.moorage.protocol.v1.DescribeRequest;
import dev.moorage.protocol.v1.Format;
import dev.moorage.protocol.v1.HostGrpc;
import dev.moorage.protocol.v1.Kind;
import dev.moorage.protocol.v1.LeaseReply;
import dev.moorage.protocol.v1.LeaseRequest;
import dev.moorage.protocol.v1.LoadEvent;
import dev.moorage.protocol.v1.LoadRequest;
import dev.moorage.protocol.v1.Loaded;
import dev.moorage.protocol.v1.ReleaseRequest;
import dev.moorage.protocol.v1.StageRequest;
import dev.moorage.protocol.v1.State;
import dev.moorage.protocol.v1.StatusRequest;
import dev.moorage.storage.MemoryStore;
import dev.moorage.worker.WorkerNode;
import dev.moorage.worker.WorkerSettings;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.netty.channel.EventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.MultiThreadIoEventLoopGroup;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollDomainSocketChannel;
import io.grpc.netty.shaded.io.netty.channel.epoll.EpollIoHandler;
import io.grpc.netty.shaded.io.netty.channel.unix.DomainSocketAddress;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A rank in another process would do exactly this: a real socket, a real segment. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class HostSocketTest {
    private static final int BYTES = 100_000;
    private static final long PATIENCE_SECONDS = 30;

    @TempDir
    Path dir;

    private final MemoryStore store = new MemoryStore();
    private final BlockingQueue<ToCoordinator> said = new LinkedBlockingQueue<>();
    private final CompletableFuture<ActorRef<ToWorker>> worker = new CompletableFuture<>();
    private ActorTestKit kit;
    private WorkerNode node;
    private EventLoopGroup loops;
    private ManagedChannel channel;
    private HostGrpc.HostBlockingStub host;

    @BeforeEach
    void start() {
        kit = ActorTestKit.create("socket", ConfigFactory.load());
        node = WorkerNode.start(kit.system(), settings(dir), store, this::coordinate);
        loops = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        channel = NettyChannelBuilder.forAddress(
                        new DomainSocketAddress(node.socket().orElseThrow().toFile()))
                .channelType(EpollDomainSocketChannel.class)
                .eventLoopGroup(loops)
                .usePlaintext()
                .build();
        host = HostGrpc.newBlockingStub(channel);
    }

    private static WorkerSettings settings(Path dir) {
        return WorkerSettings.from(ConfigFactory.parseMap(Map.of(
                        "moorage.worker.name", "w1",
                        "moorage.worker.staging-dir", dir.toString(),
                        "moorage.worker.staging-bytes-max", "10 MiB",
                        "moorage.worker.when-full", "fail",
                        "moorage.worker.buffer-bytes", "32 MiB"))
                .withFallback(ConfigFactory.load()));
    }

    /** Numbers every run 1. */
    private void coordinate(ToCoordinator message) {
        said.add(message);
        if (message instanceof ToCoordinator.Register register) {
            worker.complete(register.replyTo());
        }
        if (message instanceof ToCoordinator.OpenRun open && worker.isDone()) {
            worker.join().tell(new ToWorker.RunOpened(open.job(), open.token(), new RunNumber(1)));
        }
    }

    @AfterEach
    void stop() {
        channel.shutdownNow();
        loops.shutdownGracefully(0, 0, TimeUnit.SECONDS).awaitUninterruptibly(PATIENCE_SECONDS, TimeUnit.SECONDS);
        node.close();
        kit.shutdownTestKit();
    }

    /** An attach stream that is open. */
    private final class Rank implements StreamObserver<AttachReply> {
        private final CompletableFuture<AttachReply> reply = new CompletableFuture<>();
        private final StreamObserver<AttachFrame> stream;

        private Rank(AttachFrame.Builder frame) {
            stream = HostGrpc.newStub(channel).attach(this);
            stream.onNext(frame.build());
        }

        private String attachment() throws Exception {
            return reply.get(PATIENCE_SECONDS, TimeUnit.SECONDS).getAttachment();
        }

        @Override
        public void onNext(AttachReply attached) {
            reply.complete(attached);
        }

        @Override
        public void onError(Throwable failure) {
            reply.completeExceptionally(failure);
        }

        @Override
        public void onCompleted() {}
    }

    private static AttachFrame.Builder frame() {
        return AttachFrame.newBuilder()
                .setJob("llm")
                .setRunToken("t1")
                .setRank(0)
                .setWorldSize(1)
                .setCodec("zstd:1")
                .setPid(ProcessHandle.current().pid());
    }

    private <T extends ToCoordinator> T expect(Class<T> type) throws InterruptedException {
        ToCoordinator message = said.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        while (message != null && !type.isInstance(message)) {
            message = said.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        return type.cast(message);
    }

    private LeaseReply lease(String attachment) {
        return host.lease(LeaseRequest.newBuilder()
                .setAttachment(attachment)
                .setKind(Kind.KIND_OWN)
                .setBytes(BYTES)
                .setStep(7)
                .build());
    }

    private static StageRequest.Builder stage(String attachment, LeaseReply lease) {
        return StageRequest.newBuilder()
                .setAttachment(attachment)
                .setSegment(lease.getSegment())
                .setBytes(BYTES)
                .setStep(7)
                .setKind(Kind.KIND_OWN)
                .setFormat(Format.FORMAT_OPAQUE)
                .putMetadata("lr", "0.1");
    }

    @Test
    void a_rank_attaches_fills_stages_loads_and_releases() throws Exception {
        String attachment = new Rank(frame()).attachment();
        LeaseReply lease = lease(attachment);
        assertThat(lease.getBytes()).isEqualTo(BYTES);
        byte[] content = new byte[BYTES];
        new Random(1).nextBytes(content);
        Files.write(Path.of(lease.getPath()), content, StandardOpenOption.WRITE);
        Crc32c sum = Crc32c.of(ByteBuffer.wrap(content));

        assertThat(host.stage(stage(attachment, lease).build()).getCrc32C()).isEqualTo(sum.value());
        assertThat(status(attachment)).isEqualTo(State.STATE_STAGING);
        commit(sum);
        assertThat(status(attachment)).isEqualTo(State.STATE_COMMITTED);

        Loaded loaded = load(attachment);
        assertThat(loaded.getStep()).isEqualTo(7);
        assertThat(loaded.getMetadataMap()).containsEntry("lr", "0.1");
        assertThat(Files.readAllBytes(Path.of(loaded.getShards(0).getPath()))).isEqualTo(content);
        host.release(ReleaseRequest.newBuilder()
                .setAttachment(attachment)
                .setSegment(loaded.getShards(0).getSegment())
                .build());
    }

    private State status(String attachment) {
        return host.status(StatusRequest.newBuilder()
                        .setAttachment(attachment)
                        .setStep(7)
                        .build())
                .getState();
    }

    private void commit(Crc32c sum) throws Exception {
        AttemptId attempt = new CheckpointId(new JobName("llm"), new Step(7)).attempt(1);
        PlannedShard shard = new PlannedShard(ShardId.own(0), ShardFormat.OPAQUE, BYTES, sum);
        worker.get()
                .tell(new ToWorker.AssignPart(
                        attempt, new RunNumber(1), new Epoch(1), new PartNumber(0), Codec.zstd(1), List.of(shard)));
        assertThat(expect(ToCoordinator.PartDone.class)).isNotNull();
        ManifestLog log = new ManifestLog(store, () -> 0);
        PartRef part = log.readHead(attempt, new PartNumber(0)).ref();
        SaveSpec spec =
                new SaveSpec(new WorldSize(1), Codec.zstd(1), VerifyDepth.NONE, new TreeMap<>(Map.of("lr", "0.1")));
        log.close(
                new Manifest.Committed(
                        attempt, new RunNumber(1), spec, List.of(part), BYTES, 1, new Epoch(1), Nonce.random(), 0),
                Duration.ofSeconds(10));
        worker.get().tell(new ToWorker.OutcomeTold(attempt, new RunNumber(1), new Epoch(1), true, ""));
    }

    private Loaded load(String attachment) {
        Iterator<LoadEvent> events = host.load(LoadRequest.newBuilder()
                .setAttachment(attachment)
                .setSelector("7")
                .setLocal(true)
                .build());
        LoadEvent last = LoadEvent.getDefaultInstance();
        while (events.hasNext()) {
            last = events.next();
        }
        return last.getLoaded();
    }

    @Test
    void the_end_of_the_stream_revokes_what_was_being_filled() throws Exception {
        Rank rank = new Rank(frame());
        LeaseReply lease = lease(rank.attachment());
        assertThat(Path.of(lease.getPath())).exists();
        rank.stream.onError(Status.CANCELLED.asRuntimeException());

        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (Files.exists(Path.of(lease.getPath())) && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertThat(Path.of(lease.getPath())).doesNotExist();
        assertThatThrownBy(() -> lease(rank.attachment())).hasMessageContaining("attach the rank again");
    }

    @Test
    void wrong_words_are_invalid_arguments_with_a_sentence() throws Exception {
        refused(frame().setJob("../etc"), "job name");
        refused(frame().setRank(5), "world size");
        refused(frame().setCodec("zstd:99"), "zstd level");
        String attachment = new Rank(frame()).attachment();
        LeaseReply lease = lease(attachment);
        invalid(() -> host.stage(stage(attachment, lease).setBytes(-1).build()), "too many");
        invalid(() -> host.stage(stage(attachment, lease).setSegment("../x").build()), "not the name of a segment");
        invalid(() -> host.stage(stage(attachment, lease).setKindValue(9).build()), "kind");
        invalid(() -> host.stage(stage(attachment, lease).setFormatValue(0).build()), "format");
        invalid(
                () -> host.stage(stage(attachment, lease)
                        .setFormat(Format.FORMAT_SAFETENSORS)
                        .build()),
                "rank 0");
        invalid(() -> lease("nobody"), "no such attachment");
    }

    private void refused(AttachFrame.Builder frame, String words) {
        assertThatThrownBy(() -> new Rank(frame).attachment())
                .cause()
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        status -> assertThat(status.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT))
                .hasMessageContaining(words);
    }

    private static void invalid(Runnable call, String words) {
        assertThatThrownBy(call::run)
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        status -> assertThat(status.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT))
                .hasMessageContaining(words);
    }

    @Test
    void too_much_for_the_budget_is_told_so() throws Exception {
        String attachment = new Rank(frame()).attachment();
        assertThatThrownBy(() -> host.lease(LeaseRequest.newBuilder()
                        .setAttachment(attachment)
                        .setKind(Kind.KIND_OWN)
                        .setBytes(100 << 20)
                        .build()))
                .hasMessageContaining("staging-bytes-max");
    }

    @Test
    void the_socket_is_for_its_user_alone_and_goes_with_the_worker() throws Exception {
        Path socket = node.socket().orElseThrow();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                .isEqualTo("rw-------");
        assertThat(host.describe(DescribeRequest.getDefaultInstance()).getSocket())
                .isEqualTo(socket.toString());
        assertThatThrownBy(() -> WorkerNode.start(kit.system(), settings(dir), store, message -> {}))
                .hasMessageContaining("another worker named w1");

        node.close();
        assertThat(socket).doesNotExist();
    }

    @Test
    void a_restarted_worker_says_what_was_staged_and_takes_the_place_of_a_stale_socket() throws Exception {
        String attachment = new Rank(frame()).attachment();
        LeaseReply lease = lease(attachment);
        host.stage(stage(attachment, lease).build());
        node.close();
        said.clear();
        Path stale = dir.resolve("w1").resolve("host.sock");
        Files.writeString(stale, "left by a killed worker");
        node = WorkerNode.start(kit.system(), settings(dir), store, said::add);

        ToCoordinator.RankStaged again = expect(ToCoordinator.RankStaged.class);
        assertThat(again.step()).isEqualTo(new Step(7));
        assertThat(again.codec()).contains(Codec.zstd(1));
        assertThat(again.metadata()).containsEntry("lr", "0.1");
        assertThat(Files.isRegularFile(stale)).isFalse();
    }

    @Test
    void a_path_that_is_too_long_for_a_socket_is_refused_in_words() {
        assertThatThrownBy(() -> HostSocket.path(Path.of("/" + "x".repeat(120))))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("shorter staging-dir");
    }
}
