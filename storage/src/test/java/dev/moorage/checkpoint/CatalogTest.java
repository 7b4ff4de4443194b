package dev.moorage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.CheckpointState;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerificationStatus;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PartHeader;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.Verdict;
import dev.moorage.storage.FaultyStore;
import dev.moorage.storage.FaultyStore.Operation;
import dev.moorage.storage.MemoryStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class CatalogTest {
    private static final Duration DEADLINE = Duration.ofSeconds(5);

    private final MemoryStore memory = new MemoryStore();
    private final FaultyStore store = new FaultyStore(memory);
    private final BufferPool buffers = new BufferPool(6L * BufferPool.BUFFER_BYTES);
    private final Lanes lanes = new Lanes(2, "catalog-lane");
    private final ManifestLog log = new ManifestLog(store, () -> 5);
    private final Catalog catalog = new Catalog(log, new ShardReader(store, buffers, lanes));

    @AfterEach
    void close() {
        lanes.close();
    }

    @Test
    void latest_is_the_highest_visible_step_and_names_the_newer_ones() {
        commit(9, 1);
        commit(100, 1);
        commit(200, 1);
        delete(200, 1);
        log.close(Samples.aborted(attempt(300, 1), 1), DEADLINE);
        log.open(Samples.intent(attempt(400, 1), 2), DEADLINE);

        Selected latest = catalog.select(Samples.JOB, Selector.LATEST);

        assertThat(latest.manifest().attempt()).isEqualTo(attempt(100, 1));
        assertThat(latest.passedOver())
                .extracting(Object::toString)
                .satisfiesExactly(
                        open -> assertThat(open).contains("step 400").contains("no outcome yet"),
                        aborted -> assertThat(aborted)
                                .isEqualTo("step 300: attempt 1 was aborted: rank 1 on host b was lost"),
                        deleted -> assertThat(deleted).contains("step 200").contains("deleted"));
    }

    @Test
    void latest_verified_passes_over_what_is_not_proved_with_the_reason() {
        commit(100, 1);
        verdict(100, VerifyDepth.FULL);
        commit(200, 1);
        verdict(200, VerifyDepth.ATTEST);
        commit(300, 1);
        assertThat(catalog.select(Samples.JOB, Selector.LATEST).manifest().attempt())
                .isEqualTo(attempt(300, 1));
        Selected verified = catalog.select(Samples.JOB, Selector.LATEST_VERIFIED);
        assertThat(verified.manifest().attempt()).isEqualTo(attempt(100, 1));
        assertThat(verified.passedOver())
                .extracting(Selected.PassedOver::reason)
                .containsExactly("its status is NONE, not VERIFIED", "its status is ATTESTED, not VERIFIED");
    }

    @Test
    void a_damaged_manifest_is_passed_over_and_named_but_an_explicit_step_is_corrupt() {
        commit(100, 1);
        memory.createOnce(Layout.manifest(attempt(200, 1)), ByteBuffer.allocate(9), DEADLINE);
        Selected latest = catalog.select(Samples.JOB, Selector.LATEST);
        assertThat(latest.manifest().attempt()).isEqualTo(attempt(100, 1));
        assertThat(latest.passedOver().get(0).reason())
                .contains("manifest.json")
                .contains("not a whole record");
        assertKind(FailureKind.CORRUPT, () -> catalog.select(Samples.JOB, Selector.of(new Step(200))));
    }

    @Test
    void damage_alone_is_corrupt_and_nothing_at_all_is_not_found() {
        assertKind(FailureKind.NOT_FOUND, () -> catalog.select(Samples.JOB, Selector.LATEST));
        assertKind(FailureKind.NOT_FOUND, () -> catalog.select(Samples.JOB, Selector.of(new Step(1))));
        memory.createOnce(Layout.manifest(attempt(200, 1)), ByteBuffer.allocate(9), DEADLINE);
        assertKind(FailureKind.CORRUPT, () -> catalog.select(Samples.JOB, Selector.LATEST));
    }

    @Test
    void a_store_that_does_not_answer_is_never_no_checkpoints() {
        commit(100, 1);
        for (Operation operation : new Operation[] {Operation.CHILDREN, Operation.STAT, Operation.READ}) {
            store.fail(operation, "", FaultyStore.ALWAYS);
            assertKind(FailureKind.UNAVAILABLE, () -> catalog.select(Samples.JOB, Selector.LATEST));
            assertKind(FailureKind.UNAVAILABLE, () -> catalog.list(Samples.JOB));
            store.heal();
        }
    }

    @Test
    void steps_that_the_caller_refuses_are_passed_over() {
        commit(100, 1);
        commit(200, 1);
        Selected chosen = catalog.select(Samples.JOB, Selector.LATEST, Map.of(new Step(200), "rank 3 is corrupt"));
        assertThat(chosen.manifest().attempt()).isEqualTo(attempt(100, 1));
        assertThat(chosen.passedOver()).containsExactly(new Selected.PassedOver(new Step(200), "rank 3 is corrupt"));
    }

    @Test
    void the_list_shows_every_step_with_its_state() {
        log.close(Samples.aborted(attempt(100, 1), 1), DEADLINE);
        commit(100, 2);
        verdict(100, 2, VerifyDepth.FULL);
        commit(200, 1);
        delete(200, 1);
        log.open(Samples.intent(attempt(300, 1), 2), DEADLINE);
        log.close(Samples.aborted(attempt(300, 1), 3), DEADLINE);
        log.open(Samples.intent(attempt(400, 1), 2), DEADLINE);
        memory.createOnce(Layout.intent(attempt(500, 1)), ByteBuffer.allocate(9), DEADLINE);

        List<CheckpointSummary> list = catalog.list(Samples.JOB);

        assertThat(list).extracting(summary -> summary.step().value()).containsExactly(100L, 200L, 300L, 400L, 500L);
        assertThat(list)
                .extracting(CheckpointSummary::state)
                .containsExactly(
                        Optional.of(CheckpointState.COMMITTED),
                        Optional.of(CheckpointState.DELETED),
                        Optional.of(CheckpointState.ABORTED),
                        Optional.of(CheckpointState.UPLOADING),
                        Optional.empty());
        assertThat(list.get(0).status()).isEqualTo(VerificationStatus.VERIFIED);
        assertThat(list.get(0).attempt().orElseThrow().value()).isEqualTo(2);
        assertThat(list.get(0).reason()).isEmpty();
        assertThat(list.get(3).rawBytes()).isEqualTo(900);
        assertThat(list.get(4).status()).isEqualTo(VerificationStatus.CORRUPT);
        assertThat(list.get(4).reason()).contains("intent.json");
    }

    @Test
    void a_page_of_the_newest_steps_reads_no_others() {
        for (int step = 1; step <= 9; step++) {
            log.open(Samples.intent(attempt(step, 1), 2), DEADLINE);
        }
        int[] read = new int[1];

        assertThat(catalog.newest(Samples.JOB, Optional.of(new Step(8)), 3, () -> read[0]++))
                .extracting(summary -> summary.step().value())
                .containsExactly(7L, 6L, 5L);
        assertThat(read[0]).isEqualTo(3);
        assertThatThrownBy(() -> catalog.newest(Samples.JOB, Optional.empty(), 3, () -> {
                    throw CheckpointException.unavailable("nobody waits any more");
                }))
                .hasMessageContaining("nobody waits");
    }

    @Test
    void a_checkpoint_that_holds_is_verified_and_one_that_does_not_is_named() throws IOException {
        Manifest.Committed manifest = save();
        Verdict good = catalog.verify(manifest, VerifyDepth.FULL, Optional.empty(), Progress.NONE);
        assertThat(good.provesEverything()).isTrue();
        assertThat(good.shards()).isEqualTo(2);
        assertThat(good.bytesRead()).isEqualTo(manifest.storedBytes());
        log.writeVerdict(good::withNumber, manifest.attempt(), DEADLINE);
        assertThat(log.status(manifest.attempt())).isEqualTo(VerificationStatus.VERIFIED);
        assertThat(catalog.verify(manifest, VerifyDepth.FULL, Optional.of(RankSet.parse("0")), Progress.NONE)
                        .allShards())
                .isFalse();

        StoredShardAt victim = catalog.shards(manifest, () -> {}).get(1);
        String key = Layout.shard(manifest.attempt(), victim.shard());
        store.flipBit(key, 100, 3, FaultyStore.ALWAYS);
        Verdict bad = catalog.verify(manifest, VerifyDepth.FULL, Optional.empty(), Progress.NONE);
        assertThat(bad.result()).isEqualTo(VerdictResult.CORRUPT);
        assertThat(bad.findings())
                .allSatisfy(finding ->
                        assertThat(finding.shard()).isEqualTo(victim.shard().shard()));
        log.writeVerdict(bad::withNumber, manifest.attempt(), DEADLINE);
        assertThat(log.status(manifest.attempt())).isEqualTo(VerificationStatus.CORRUPT);
    }

    @Test
    void a_part_record_that_is_gone_is_a_finding_for_each_of_its_shards() {
        Manifest.Committed manifest = save();
        memory.delete(Layout.part(manifest.attempt(), new PartNumber(0)));
        Verdict verdict = catalog.verify(manifest, VerifyDepth.ATTEST, Optional.empty(), Progress.NONE);
        assertThat(verdict.result()).isEqualTo(VerdictResult.CORRUPT);
        assertThat(verdict.findings())
                .hasSize(2)
                .allSatisfy(found -> assertThat(found.message()).contains("missing"));
        assertKind(FailureKind.CORRUPT, () -> catalog.shards(manifest, () -> {}));
        store.fail(Operation.STAT, "parts/", FaultyStore.ALWAYS);
        assertThat(catalog.verify(manifest, VerifyDepth.FULL, Optional.empty(), Progress.NONE)
                        .result())
                .isEqualTo(VerdictResult.INCOMPLETE);
    }

    /** Two real shards in one part. */
    private Manifest.Committed save() {
        AttemptId attempt = attempt(7, 1);
        List<WrittenShard> written = new ArrayList<>();
        for (int rank = 0; rank < 2; rank++) {
            byte[] raw = Shelf.bytes(rank, 5000);
            ShardWriter writer = new ShardWriter(store, buffers, lanes);
            writer.compression(Codec.zstd(3));
            written.add(writer.write(
                    attempt,
                    Shelf.planned(rank, ShardFormat.OPAQUE, raw),
                    new MemorySource(ByteBuffer.wrap(raw)),
                    Progress.NONE));
        }
        PartHeader header = new PartHeader(
                attempt,
                new RunNumber(1),
                new PartNumber(0),
                new WorkerId("w"),
                Incarnation.random(),
                Nonce.random(),
                written.stream().map(WrittenShard::stored).toList());
        PartRecord record = new PartRecord(
                header, written.stream().map(WrittenShard::detail).toList());
        PartRef ref = ((ManifestLog.PartWrite.Won) log.writePart(record, DEADLINE)).ref();
        PartHead head = log.readHead(attempt, ref);
        Manifest.Committed manifest = new Manifest.Committed(
                attempt,
                new RunNumber(1),
                Samples.SPEC,
                List.of(ref),
                head.rawBytes(),
                head.storedBytes(),
                Samples.EPOCH,
                Nonce.random(),
                0);
        log.close(manifest, DEADLINE);
        return manifest;
    }

    private static AttemptId attempt(long step, int attempt) {
        return new CheckpointId(Samples.JOB, new Step(step)).attempt(attempt);
    }

    private void commit(long step, int attempt) {
        log.open(Samples.intent(attempt(step, attempt), 1), DEADLINE);
        log.close(Samples.committed(attempt(step, attempt), 2), DEADLINE);
    }

    private void delete(long step, int attempt) {
        memory.createOnce(Layout.tombstone(attempt(step, attempt)), ByteBuffer.allocate(1), DEADLINE);
    }

    private void verdict(long step, VerifyDepth depth) {
        verdict(step, 1, depth);
    }

    private void verdict(long step, int attempt, VerifyDepth depth) {
        AttemptId id = attempt(step, attempt);
        log.writeVerdict(
                number -> new Verdict(
                        id, number, depth, VerdictResult.GOOD, true, true, "", 3, 0, List.of(), Samples.nonce(6), 0),
                id,
                DEADLINE);
    }

    private static void assertKind(FailureKind kind, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        CheckpointException.class,
                        failure -> assertThat(failure.kind())
                                .as(failure.getMessage())
                                .isEqualTo(kind));
    }
}
