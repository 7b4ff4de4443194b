package dev.moorage.worker.host;

import com.typesafe.config.ConfigFactory;
import dev.moorage.checkpoint.BufferPool;
import dev.moorage.checkpoint.Lanes;
import dev.moorage.checkpoint.ManifestLog;
import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.SaveSpec;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.WorldSize;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.cluster.WorkerCommand;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.PlannedShard;
import dev.moorage.storage.BlockingIo;
import dev.moorage.storage.MemoryStore;
import dev.moorage.storage.ObjectStore;
import dev.moorage.worker.core.Attachment;
import dev.moorage.worker.core.WorkerMachine;
import dev.moorage.worker.core.WorkerRules;
import dev.moorage.worker.staging.Staging;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.actor.typed.ActorRef;

/** A worker over a store in memory, a probe in place of the coordinator, and times a hundredth of the real ones. */
final class Rig implements AutoCloseable {
    static final JobName JOB = new JobName("llm");
    static final WorkerId WORKER = new WorkerId("w1");
    static final int BYTES = 5_000_000;
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    final ActorTestKit kit = ActorTestKit.create("rig", ConfigFactory.load());
    final ObjectStore store;
    final ManifestLog log;
    final TestProbe<ToCoordinator> coordinator = kit.createTestProbe(ToCoordinator.class);
    final Incarnation incarnation = Incarnation.random();
    final References references = new References();
    final Ending ending = new Ending(WORKER);
    /** What the worker's actor meets when it says something to the coordinator. */
    volatile Optional<IllegalStateException> bug = Optional.empty();

    final ActorRef<WorkerCommand> worker;
    final LocalHost host;
    private final Staging staging;
    private final Lanes lanes = new Lanes(2, "test-lane");
    private final ExecutorService threads = Executors.newCachedThreadPool();
    final ExecutorService calls = Executors.newCachedThreadPool();

    Rig(Path dir) {
        this(dir, new MemoryStore());
    }

    Rig(Path dir, ObjectStore store) {
        this.store = store;
        log = new ManifestLog(store, () -> 0);
        staging = Staging.open(dir, WORKER);
        WorkerRules.Times times = WorkerRules.Times.DEFAULT.scaled(0.02);
        WorkerRules rules = new WorkerRules(64L << 20, WorkerRules.WhenFull.FAIL, times);
        Bench bench = new Bench(
                WORKER,
                incarnation,
                store,
                log,
                staging,
                references,
                DataPlane.of(store, new BufferPool(64L << 20), lanes));
        BlockingIo io = new BlockingIo(threads);
        Worker.Setup setup = new Worker.Setup(
                new WorkerMachine(WORKER, incarnation, rules, staging.recover()),
                bench,
                () -> System.nanoTime() / 1_000_000,
                Duration.ofMillis(20),
                io,
                io,
                message -> {
                    bug.ifPresent(found -> {
                        throw found;
                    });
                    coordinator.getRef().tell(message);
                },
                new Worker.About("host-1", "", rules.stagingBytesMax(), "test"));
        worker = kit.spawn(Worker.create(setup, ending));
        host = new LocalHost(kit.system(), worker, bench, times, ending);
    }

    void tell(ToWorker message) {
        worker.unsafeUpcast().tell(message);
    }

    /** Waits for a message of this kind and lets others pass: most of them are repeated. */
    <T extends ToCoordinator> T expect(Class<T> type) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() < end) {
            ToCoordinator message = coordinator.receiveMessage(PATIENCE);
            if (type.isInstance(message)) {
                return type.cast(message);
            }
        }
        throw new AssertionError("no " + type.getSimpleName());
    }

    RankSession attach(int rank) {
        Attachment who = new Attachment(
                JOB,
                new RunToken("t1"),
                new Rank(rank),
                new WorldSize(2),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                0);
        var session = calls.submit(() -> host.attach(who));
        tell(new ToWorker.RunOpened(JOB, new RunToken("t1"), new RunNumber(1)));
        expect(ToCoordinator.Register.class);
        tell(new ToWorker.RunOpened(JOB, new RunToken("t1"), new RunNumber(1)));
        return Rig.get(session);
    }

    static <T> T get(java.util.concurrent.Future<T> future) {
        try {
            return future.get(PATIENCE.toSeconds(), java.util.concurrent.TimeUnit.SECONDS);
        } catch (java.util.concurrent.ExecutionException failure) {
            if (failure.getCause() instanceof RuntimeException known) {
                throw known;
            }
            throw new AssertionError(failure.getCause());
        } catch (InterruptedException | java.util.concurrent.TimeoutException failure) {
            throw new AssertionError(failure);
        }
    }

    static ByteBuffer content(int rank) {
        byte[] bytes = new byte[BYTES];
        new Random(rank).nextBytes(bytes);
        return ByteBuffer.wrap(bytes);
    }

    static void fill(Segment segment, ByteBuffer bytes) {
        try (var file = java.nio.channels.FileChannel.open(segment.path(), StandardOpenOption.WRITE)) {
            file.write(bytes.duplicate(), 0);
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    static byte[] bytes(Segment segment) {
        try {
            return Files.readAllBytes(segment.path());
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    /** The rank stages random bytes as this step. */
    Segment staged(RankSession rank, int number, long step) {
        Segment segment = rank.lease(ShardKind.OWN, BYTES);
        fill(segment, content(number));
        rank.stage(segment, BYTES, new Step(step), ShardKind.OWN, ShardFormat.OPAQUE, Map.of());
        return segment;
    }

    static AttemptId attempt(long step, int number) {
        return new CheckpointId(JOB, new Step(step)).attempt(number);
    }

    ToWorker.AssignPart assign(long step, int attempt, long epoch, int... ranks) {
        List<PlannedShard> shards = java.util.stream.IntStream.of(ranks)
                .mapToObj(rank ->
                        new PlannedShard(ShardId.own(rank), ShardFormat.OPAQUE, BYTES, Crc32c.of(content(rank))))
                .toList();
        return new ToWorker.AssignPart(
                attempt(step, attempt), new RunNumber(1), new Epoch(epoch), new PartNumber(0), Codec.zstd(1), shards);
    }

    ToWorker.OutcomeTold outcome(long step, int attempt, long epoch, boolean committed) {
        return new ToWorker.OutcomeTold(
                attempt(step, attempt), new RunNumber(1), new Epoch(epoch), committed, committed ? "" : "test");
    }

    /** Stores rank 0's shard as this step, and commits it. */
    PartRef committed(RankSession rank, long step) {
        staged(rank, 0, step);
        tell(assign(step, 1, 1, 0));
        expect(ToCoordinator.PartDone.class);
        PartRef ref = log.readHead(attempt(step, 1), new PartNumber(0)).ref();
        SaveSpec spec =
                new SaveSpec(new WorldSize(2), Codec.zstd(1), VerifyDepth.NONE, new TreeMap<>(Map.of("lr", "0.1")));
        log.close(
                new Manifest.Committed(
                        attempt(step, 1),
                        new RunNumber(1),
                        spec,
                        List.of(ref),
                        BYTES,
                        1,
                        new Epoch(1),
                        Nonce.random(),
                        0),
                Duration.ofSeconds(10));
        return ref;
    }

    @Override
    public void close() {
        kit.shutdownTestKit();
        calls.shutdownNow();
        threads.shutdownNow();
        lanes.close();
        try {
            staging.close();
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }
}
