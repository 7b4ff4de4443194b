package dev.moorage.worker.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.checkpoint.Layout;
import dev.moorage.checkpoint.ManifestLog;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.CheckpointState;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PartHeader;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.StoredShard;
import dev.moorage.storage.StoreChallenge;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Future;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class WorkerTest {
    @TempDir
    Path dir;

    private Rig rig;

    @BeforeEach
    void start() {
        rig = new Rig(dir);
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    @Test
    void a_part_is_stored_recorded_and_reported_by_the_record_on_the_store() {
        RankSession rank = rig.attach(0);
        rig.staged(rank, 0, 7);
        ToCoordinator.RankStaged staged = rig.expect(ToCoordinator.RankStaged.class);
        assertThat(staged.shards().get(0).crc()).isEqualTo(Crc32c.of(Rig.content(0)));
        rig.tell(rig.assign(7, 1, 1, 0));

        ToCoordinator.PartDone done = rig.expect(ToCoordinator.PartDone.class);
        PartHeader header = rig.log.readHead(Rig.attempt(7, 1), done.part()).header();
        assertThat(header.worker()).isEqualTo(Rig.WORKER);
        assertThat(header.shards()).extracting(StoredShard::shard).containsExactly(ShardId.own(0));
        assertThat(rank.status(new Step(7)).state()).isEqualTo(CheckpointState.SEALING);
    }

    @Test
    void a_lost_race_for_the_record_reports_the_one_that_is_there() {
        RankSession rank = rig.attach(0);
        PartHeader other = new PartHeader(
                Rig.attempt(7, 1),
                new RunNumber(1),
                new dev.moorage.protocol.PartNumber(0),
                new WorkerId("other"),
                Incarnation.random(),
                Nonce.random(),
                List.of());
        PartRef first = ((ManifestLog.PartWrite.Won) rig.log.writePart(
                        new dev.moorage.checkpoint.PartRecord(other, List.of()), Duration.ofSeconds(10)))
                .ref();
        rig.staged(rank, 0, 7);
        rig.tell(rig.assign(7, 1, 1, 0));

        ToCoordinator.PartDone done = rig.expect(ToCoordinator.PartDone.class);
        assertThat(rig.log.readHead(Rig.attempt(7, 1), done.part()).ref()).isEqualTo(first);
    }

    @Test
    void a_shard_that_is_not_held_fails_the_part() {
        rig.staged(rig.attach(0), 0, 7);
        rig.tell(rig.assign(7, 1, 1, 0, 1));

        ToCoordinator.PartFailed failed = rig.expect(ToCoordinator.PartFailed.class);
        assertThat(failed.retryable()).isFalse();
        assertThat(failed.reason()).contains("rank 1");
    }

    @Test
    void a_shard_written_after_staging_fails_the_part_and_leaves_no_record() {
        Segment segment = rig.staged(rig.attach(0), 0, 7);
        Rig.fill(segment, ByteBuffer.wrap(new byte[] {1, 2, 3}));
        rig.tell(rig.assign(7, 1, 1, 0));

        ToCoordinator.PartFailed failed = rig.expect(ToCoordinator.PartFailed.class);
        assertThat(failed.retryable()).isFalse();
        assertThat(failed.reason()).contains("written after staging").contains("rank 0");
        rig.expect(ToCoordinator.StagingSkipped.class);
        assertThat(rig.log.inventory(Rig.attempt(7, 1)).parts()).isEmpty();
    }

    @Test
    void a_commit_gives_the_warm_segment_back_to_its_rank() {
        RankSession rank = rig.attach(0);
        Segment segment = rig.staged(rank, 0, 7);
        rig.tell(rig.assign(7, 1, 1, 0));
        rig.expect(ToCoordinator.PartDone.class);
        rig.tell(rig.outcome(7, 1, 1, true));

        assertThat(rank.lease(ShardKind.OWN, 100)).isEqualTo(segment);
        assertThat(rank.status(new Step(7)).state()).isEqualTo(CheckpointState.COMMITTED);
    }

    @Test
    void without_orders_it_finds_the_commit_on_the_store_by_itself() {
        RankSession rank = rig.attach(0);
        rig.committed(rank, 7);

        awaitState(rank, 7, CheckpointState.COMMITTED);
    }

    private static void awaitState(RankSession rank, long step, CheckpointState state) {
        long end = System.nanoTime() + Duration.ofSeconds(30).toNanos();
        while (rank.status(new Step(step)).state() != state && System.nanoTime() < end) {
            Thread.onSpinWait();
        }
        assertThat(rank.status(new Step(step)).state()).isEqualTo(state);
    }

    @Test
    void a_zombie_coordinators_orders_change_nothing() {
        RankSession rank = rig.attach(0);
        rig.staged(rank, 0, 7);
        rig.tell(new ToWorker.Registered(Rig.JOB, new Epoch(5), rig.incarnation));
        rig.tell(rig.assign(7, 1, 4, 0));
        rig.tell(rig.outcome(7, 1, 4, true));

        assertThat(rank.status(new Step(7)).state()).isEqualTo(CheckpointState.STAGING);
        rig.tell(rig.assign(7, 1, 5, 0));
        assertThat(rig.expect(ToCoordinator.PartDone.class).epoch()).isEqualTo(new Epoch(5));
    }

    @Test
    void the_challenge_is_answered_on_the_store() {
        rig.attach(0);
        StoreChallenge challenge = new StoreChallenge(rig.store);
        String name = challenge.issue();
        rig.tell(new ToWorker.Challenge(Rig.JOB, rig.incarnation, name));
        rig.expect(ToCoordinator.ChallengeAnswered.class);

        assertThat(challenge.isAnswered(name, rig.incarnation)).isTrue();
    }

    @Test
    void a_check_reads_everything_back_and_names_a_flipped_bit() throws Exception {
        PartRef part = rig.committed(rig.attach(0), 7);
        assertThat(check(part, "r1").result()).isEqualTo(VerdictResult.GOOD);

        StoredShard shard =
                rig.log.readHead(Rig.attempt(7, 1), part).header().shards().get(0);
        String key = Layout.shard(Rig.attempt(7, 1), shard);
        ByteBuffer bytes = ByteBuffer.allocate((int) shard.storedBytes());
        rig.store.read(key, 0, bytes);
        bytes.flip().put(1_000, (byte) (bytes.get(1_000) ^ 1));
        rig.store.delete(key);
        try (var upload = rig.store.upload(key)) {
            upload.write(bytes.duplicate());
            upload.commit(bytes.limit(), Crc32c.of(bytes));
        }
        ToCoordinator.ShardsChecked checked = check(part, "r2");

        assertThat(checked.result()).isEqualTo(VerdictResult.CORRUPT);
        assertThat(checked.findings())
                .anySatisfy(finding ->
                        assertThat(finding.message()).contains("rank 0").contains("chunk 0"));
    }

    private ToCoordinator.ShardsChecked check(PartRef part, String request) {
        rig.tell(new ToWorker.CheckShards(
                Rig.attempt(7, 1), new Epoch(1), request, part, List.of(ShardId.own(0)), VerifyDepth.FULL, 1));
        ToCoordinator.ShardsChecked checked = rig.expect(ToCoordinator.ShardsChecked.class);
        assertThat(checked.requestId()).isEqualTo(request);
        return checked;
    }

    @Test
    void a_load_is_prepared_hidden_and_handed_out_by_the_decision() {
        RankSession rank = rig.attach(0);
        PartRef part = rig.committed(rank, 7);
        Future<Loaded> call = rig.calls.submit(() -> rank.load("latest", 0, false, LoadProgress.NONE));
        rig.expect(ToCoordinator.LoadAsked.class);
        prepare(part);
        ToCoordinator.LoadPrepared prepared = rig.expect(ToCoordinator.LoadPrepared.class);
        assertThat(prepared.failure()).isEmpty();
        assertThat(call).isNotDone();
        decide(Optional.of(new Step(7)), Optional.empty());

        Loaded loaded = Rig.get(call);
        assertThat(loaded.metadata()).isEqualTo(Map.of("lr", "0.1"));
        Segment segment = loaded.shards().get(0).segment();
        assertThat(Rig.bytes(segment)).isEqualTo(Rig.content(0).array());
        rank.release(segment);
    }

    @Test
    void a_load_that_fails_for_one_fails_for_all() {
        RankSession rank = rig.attach(0);
        PartRef part = rig.committed(rank, 7);
        Future<Loaded> call = rig.calls.submit(() -> rank.load("7", 0, false, LoadProgress.NONE));
        rig.expect(ToCoordinator.LoadAsked.class);
        prepare(new PartRef(part.part(), part.bytes(), new Crc32c(1), part.own(), part.replicated()));
        ToCoordinator.LoadPrepared prepared = rig.expect(ToCoordinator.LoadPrepared.class);
        assertThat(prepared.failure()).contains(FailureKind.CORRUPT);
        decide(Optional.empty(), Optional.of(FailureKind.CORRUPT));

        assertThatThrownBy(() -> Rig.get(call))
                .isInstanceOfSatisfying(
                        CheckpointException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(FailureKind.CORRUPT));
    }

    private void prepare(PartRef part) {
        rig.tell(new ToWorker.PrepareLoad(
                Rig.JOB,
                new RunNumber(1),
                0,
                new Rank(0),
                new Epoch(1),
                Rig.attempt(7, 1),
                List.of(new ToWorker.ShardToLoad(part, ShardId.own(0)))));
    }

    private void decide(Optional<Step> step, Optional<FailureKind> failure) {
        rig.tell(new ToWorker.LoadDecided(
                Rig.JOB, new RunNumber(1), 0, new Rank(0), new Epoch(1), step, failure, "reason"));
    }

    @Test
    void a_local_load_goes_without_the_coordinator() {
        RankSession rank = rig.attach(0);
        rig.committed(rank, 7);

        Loaded loaded = rank.load("7", 0, true, LoadProgress.NONE);
        assertThat(Rig.bytes(loaded.shards().get(0).segment()))
                .isEqualTo(Rig.content(0).array());
        assertThatThrownBy(() -> rank.load("8", 1, true, LoadProgress.NONE))
                .isInstanceOfSatisfying(
                        CheckpointException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(FailureKind.NOT_FOUND));
    }

    @Test
    void memory_that_was_given_back_is_filled_again_under_another_name() throws IOException {
        RankSession rank = rig.attach(0);
        rig.committed(rank, 7);
        Segment first = loaded(rank, 0);
        Object memory = Files.getAttribute(first.path(), "unix:ino");
        Rig.fill(first, Rig.content(9));
        rank.release(first);
        Segment second = loaded(rank, 1);

        assertThat(Files.getAttribute(second.path(), "unix:ino")).isEqualTo(memory);
        assertThat(Rig.bytes(second)).isEqualTo(Rig.content(0).array());
        assertThat(first.path()).doesNotExist();
        assertThatThrownBy(() -> rank.release(first)).hasMessageContaining("released already");
    }

    private static Segment loaded(RankSession rank, long ordinal) {
        return rank.load("7", ordinal, true, LoadProgress.NONE).shards().get(0).segment();
    }

    @Test
    void bytes_staged_by_reference_are_stored_like_others() {
        RankSession rank = rig.attach(0);
        Segment file = rank.lease(ShardKind.OWN, Rig.BYTES);
        Rig.fill(file, Rig.content(0));
        rank.stage(
                dev.moorage.checkpoint.FileSource.open(file.path()),
                new Step(7),
                ShardKind.OWN,
                ShardFormat.OPAQUE,
                Map.of());
        rig.tell(rig.assign(7, 1, 1, 0));

        rig.expect(ToCoordinator.PartDone.class);
    }

    @Test
    void an_aborted_attempt_is_shown_with_its_reason_also_after_everybody_forgot() {
        RankSession rank = rig.attach(0);
        rig.log.close(
                new Manifest.Aborted(Rig.attempt(9, 1), "host lost", new Epoch(1), Nonce.random(), 0),
                Duration.ofSeconds(10));

        assertThatThrownBy(() -> rank.status(new Step(10))).hasMessageContaining("step 10");
        assertThat(rank.status(new Step(9)).reason()).isEqualTo("host lost");
    }

    @Test
    void people_are_told_who_it_is() {
        rig.attach(0);
        TestProbe<Answer> people = rig.kit.createTestProbe(Answer.class);
        rig.tell(new ToWorker.DescribeAsked(people.getRef()));

        Answer.WorkerView view = people.expectMessageClass(Answer.WorkerView.class);
        assertThat(view.worker()).isEqualTo(Rig.WORKER);
        assertThat(view.attached()).isEqualTo(1);
        assertThat(view.jobs()).containsExactly(Rig.JOB);
        assertThat(rig.host.describe()).isEqualTo(view);
    }
}
