package dev.moorage.coordinator;

import dev.moorage.checkpoint.BufferPool;
import dev.moorage.checkpoint.Lanes;
import dev.moorage.checkpoint.ManifestLog;
import dev.moorage.checkpoint.PartRecord;
import dev.moorage.checkpoint.ShardDetail;
import dev.moorage.checkpoint.ShardSource;
import dev.moorage.checkpoint.ShardWriter;
import dev.moorage.checkpoint.WrittenShard;
import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.WorldSize;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToCoordinator.StagedShard;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.record.PartHeader;
import dev.moorage.protocol.record.PlannedShard;
import dev.moorage.protocol.record.StoredShard;
import dev.moorage.storage.ObjectStore;
import dev.moorage.storage.StoreChallenge;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorRef;

/** A worker that keeps the conversation rules and stores real shards, one call after the other. Behaviour can be switched off. */
class FakeWorker {
    private static final Duration DEADLINE = Duration.ofSeconds(5);
    private static final BufferPool BUFFERS = new BufferPool(16L << 20);
    private static final Lanes LANES = new Lanes(1, "fake");

    final WorkerId id;
    final Incarnation incarnation = Incarnation.random();
    final List<ToWorker> heard = new CopyOnWriteArrayList<>();
    final Map<String, ToCoordinator.RankStaged> staged = new ConcurrentSkipListMap<>();
    volatile boolean uploads = true;
    volatile boolean checks = true;
    volatile boolean dead;
    ActorRef<ToWorker> self;
    FailureKind loadFailure;
    Step loadFailureOf = new Step(0);

    private final JobName job;
    private final ObjectStore store;
    private final ManifestLog manifests;
    Consumer<ToCoordinator> coordinator;
    private final Map<String, byte[]> bytes = new ConcurrentHashMap<>();
    private final Map<AttemptId, List<ToCoordinator.PartDone>> done = new LinkedHashMap<>();
    private Optional<Epoch> epoch = Optional.empty();

    FakeWorker(String name, JobName job, ObjectStore store, Consumer<ToCoordinator> coordinator) {
        this.id = new WorkerId(name);
        this.job = job;
        this.store = store;
        this.manifests = new ManifestLog(store, () -> 0);
        this.coordinator = coordinator;
    }

    private void say(ToCoordinator message) {
        if (!dead) {
            coordinator.accept(message);
        }
    }

    void register() {
        say(new ToCoordinator.Register(job, id, incarnation, "host-" + id, Optional.empty(), self));
    }

    void openRun(String token, int worldSize) {
        say(new ToCoordinator.OpenRun(job, id, incarnation, new RunToken(token), new WorldSize(worldSize)));
    }

    /** Stages an own shard whose bytes follow from run, step and rank. */
    void stage(int run, long step, int rank) {
        stage(run, step, rank, VerifyDepth.NONE);
    }

    void stage(int run, long step, int rank, VerifyDepth depth) {
        byte[] raw =
                ("run " + run + " step " + step + " rank " + rank).getBytes(java.nio.charset.StandardCharsets.UTF_8);
        stage(run, step, rank, depth, List.of(hold(ShardKind.OWN, Optional.empty(), raw)));
    }

    StagedShard hold(ShardKind kind, Optional<String> group, byte[] raw) {
        Crc32c crc = Crc32c.of(ByteBuffer.wrap(raw));
        bytes.put(kind + " " + crc, raw);
        return new StagedShard(kind, group, ShardFormat.OPAQUE, raw.length, crc);
    }

    void stage(int run, long step, int rank, VerifyDepth depth, List<StagedShard> shards) {
        ToCoordinator.RankStaged message = new ToCoordinator.RankStaged(
                job,
                new RunNumber(run),
                new Step(step),
                id,
                incarnation,
                new Rank(rank),
                Optional.empty(),
                Optional.of(depth),
                Map.of(),
                shards);
        staged.put(run + "/" + step + "/" + rank, message);
        say(message);
    }

    /** Says that the rank's segment was needed for something else. */
    void skip(int run, long step, int rank) {
        staged.remove(run + "/" + step + "/" + rank);
        say(new ToCoordinator.StagingSkipped(
                job, new RunNumber(run), new Step(step), id, incarnation, new Rank(rank), "needed for a later step"));
    }

    void load(int run, long ordinal, int rank, String selector) {
        load(run, ordinal, rank, Optional.empty(), selector);
    }

    void load(int run, long ordinal, int rank, Optional<String> group, String selector) {
        say(new ToCoordinator.LoadAsked(
                job, new RunNumber(run), ordinal, new Rank(rank), group, id, incarnation, selector));
    }

    /** What the next life of this daemon finds in its segments. */
    void inherit(FakeWorker before) {
        bytes.putAll(before.bytes);
        before.staged.forEach((key, old) -> staged.put(
                key,
                new ToCoordinator.RankStaged(
                        job,
                        old.run(),
                        old.step(),
                        id,
                        incarnation,
                        old.rank(),
                        old.codec(),
                        old.depth(),
                        old.metadata(),
                        old.shards())));
    }

    void hear(ToWorker message) {
        if (dead) {
            return;
        }
        heard.add(message);
        if (message instanceof ToWorker.Challenge challenge) {
            new StoreChallenge(store).answer(challenge.challenge(), incarnation);
            say(new ToCoordinator.ChallengeAnswered(job, id, incarnation, challenge.challenge()));
        } else if (message instanceof ToWorker.Registered registered) {
            epoch = Optional.of(registered.epoch());
            List.copyOf(staged.values()).forEach(this::say);
            done.values().forEach(parts -> parts.forEach(this::say));
        } else if (message instanceof ToWorker.AssignPart assign && uploads) {
            upload(assign);
        } else if (message instanceof ToWorker.OutcomeTold told) {
            done.remove(told.attempt());
            if (told.committed()) {
                staged.values()
                        .removeIf(rank -> rank.step().equals(told.attempt().step()));
            }
        } else if (message instanceof ToWorker.CheckShards check && checks) {
            check(check, VerdictResult.GOOD);
        } else if (message instanceof ToWorker.PrepareLoad prepare) {
            prepared(prepare);
        }
    }

    void answerWithoutLooking(ToWorker.Challenge challenge) {
        say(new ToCoordinator.ChallengeAnswered(job, id, incarnation, challenge.challenge()));
    }

    void check(ToWorker.CheckShards check, VerdictResult result) {
        say(new ToCoordinator.ShardsChecked(
                check.attempt(),
                check.epoch(),
                check.requestId(),
                id,
                incarnation,
                check.part().part(),
                result,
                check.shards().size(),
                10,
                "every byte",
                List.of()));
    }

    private void prepared(ToWorker.PrepareLoad prepare) {
        boolean fails = loadFailure != null && prepare.source().step().equals(loadFailureOf);
        say(new ToCoordinator.LoadPrepared(
                job,
                prepare.run(),
                prepare.ordinal(),
                prepare.source().step(),
                prepare.rank(),
                id,
                incarnation,
                fails ? Optional.of(loadFailure) : Optional.empty(),
                fails ? "a shard does not hold" : ""));
    }

    void upload(ToWorker.AssignPart assign) {
        List<WrittenShard> written =
                assign.shards().stream().map(shard -> write(assign, shard)).toList();
        List<StoredShard> stored = written.stream().map(WrittenShard::stored).toList();
        List<ShardDetail> details = written.stream().map(WrittenShard::detail).toList();
        PartHeader header =
                new PartHeader(assign.attempt(), assign.run(), assign.part(), id, incarnation, Nonce.random(), stored);
        manifests.writePart(new PartRecord(header, details), DEADLINE);
        ToCoordinator.PartDone message = new ToCoordinator.PartDone(
                assign.attempt(), assign.run(), assign.epoch(), id, incarnation, assign.part());
        done.computeIfAbsent(assign.attempt(), fresh -> new ArrayList<>()).add(message);
        say(message);
    }

    private WrittenShard write(ToWorker.AssignPart assign, PlannedShard shard) {
        ShardWriter writer = new ShardWriter(store, BUFFERS, LANES);
        writer.compression(assign.codec());
        return writer.write(assign.attempt(), shard, source(shard), delta -> {});
    }

    private ShardSource source(PlannedShard shard) {
        byte[] raw = bytes.get(shard.shard().kind() + " " + shard.rawCrc());
        return new ShardSource() {
            @Override
            public long length() {
                return raw.length;
            }

            @Override
            public void read(long position, ByteBuffer target) {
                target.put(raw, (int) position, target.remaining());
            }

            @Override
            public void close() {}
        };
    }

    void fail(ToWorker.AssignPart assign, boolean retryable, String reason) {
        say(new ToCoordinator.PartFailed(
                assign.attempt(),
                assign.run(),
                epoch.orElseThrow(),
                id,
                incarnation,
                assign.part(),
                retryable,
                reason));
    }

    <T extends ToWorker> List<T> heard(Class<T> type) {
        return heard.stream().filter(type::isInstance).map(type::cast).toList();
    }
}
