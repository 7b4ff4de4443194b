package dev.moorage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerificationStatus;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.Verdict;
import dev.moorage.storage.FaultyStore;
import dev.moorage.storage.FaultyStore.Operation;
import dev.moorage.storage.MemoryStore;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ManifestLogTest {
    private static final Duration DEADLINE = Duration.ofSeconds(5);
    private static final AttemptId ATTEMPT = Samples.ATTEMPT;
    private static final PartNumber PART = new PartNumber(0);

    private final MemoryStore memory = new MemoryStore();
    private final FaultyStore store = new FaultyStore(memory);
    private final ManifestLog log = new ManifestLog(store, () -> 0);

    @Test
    void an_intent_is_won_once_and_the_loser_is_told_what_is_there() {
        assertThat(log.intent(ATTEMPT)).isEmpty();
        assertThat(log.open(Samples.intent(), DEADLINE)).isEqualTo(new ManifestLog.IntentWrite.Won(Samples.intent()));
        assertThat(log.open(Samples.intent(), DEADLINE)).isEqualTo(new ManifestLog.IntentWrite.Won(Samples.intent()));
        assertThat(log.open(Samples.intent(ATTEMPT, 99), DEADLINE))
                .isEqualTo(new ManifestLog.IntentWrite.Lost(Samples.intent()));
        assertThat(log.intent(ATTEMPT)).contains(Samples.intent());
    }

    @Test
    void whichever_outcome_comes_first_stays() {
        assertThat(log.close(Samples.aborted(), DEADLINE)).isEqualTo(Samples.aborted());
        assertThat(log.close(Samples.committed(), DEADLINE)).isEqualTo(Samples.aborted());
        assertThat(log.outcome(ATTEMPT)).contains(Samples.aborted());
    }

    @Test
    void commit_and_abort_that_race_have_one_winner() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            for (int step = 0; step < 50; step++) {
                AttemptId attempt = new AttemptId(Samples.JOB, new dev.moorage.protocol.Step(step), ATTEMPT.attempt());
                List<Callable<Manifest>> writers = List.of(
                        () -> log.close(Samples.committed(attempt, 1), DEADLINE),
                        () -> log.close(Samples.aborted(attempt, 2), DEADLINE),
                        () -> log.close(Samples.committed(attempt, 3), DEADLINE),
                        () -> log.close(Samples.aborted(attempt, 4), DEADLINE));
                List<Manifest> told = new ArrayList<>();
                for (Future<Manifest> answer : threads.invokeAll(writers)) {
                    told.add(answer.get());
                }
                assertThat(told).containsOnly(log.outcome(attempt).orElseThrow());
            }
        } finally {
            threads.shutdown();
        }
    }

    @Test
    void an_outcome_whose_answer_is_lost_is_in_doubt_and_found_by_the_next_try() {
        store.loseAnswer(Operation.CREATE, "manifest.json", 1);
        assertKind(FailureKind.IN_DOUBT, () -> log.close(Samples.committed(), DEADLINE));
        assertThat(log.close(Samples.aborted(), DEADLINE)).isEqualTo(Samples.committed());
        assertThat(log.close(Samples.committed(), DEADLINE)).isEqualTo(Samples.committed());
    }

    @Test
    void a_write_that_certainly_failed_is_unavailable() {
        store.fail(Operation.CREATE, "intent.json", 1);
        assertKind(FailureKind.UNAVAILABLE, () -> log.open(Samples.intent(), DEADLINE));
        assertThat(log.intent(ATTEMPT)).isEmpty();
    }

    @Test
    void a_store_that_does_not_answer_is_never_taken_for_absence() {
        store.fail(Operation.STAT, "", FaultyStore.ALWAYS).fail(Operation.CHILDREN, "", FaultyStore.ALWAYS);
        assertKind(FailureKind.UNAVAILABLE, () -> log.outcome(ATTEMPT));
        assertKind(FailureKind.UNAVAILABLE, () -> log.isDeleted(ATTEMPT));
        assertKind(FailureKind.UNAVAILABLE, () -> log.attempts(Samples.CHECKPOINT));
        assertKind(FailureKind.UNAVAILABLE, log::jobs);
        assertKind(FailureKind.UNAVAILABLE, () -> log.readPart(ATTEMPT, PART));
        assertKind(FailureKind.UNAVAILABLE, () -> log.status(ATTEMPT));
    }

    @Test
    void attempts_are_seen_in_order_with_what_became_of_them() {
        AttemptId first = Samples.CHECKPOINT.attempt(1);
        AttemptId third = Samples.CHECKPOINT.attempt(3);
        log.open(Samples.intent(first, 1), DEADLINE);
        log.close(Samples.aborted(first, 2), DEADLINE);
        log.open(Samples.intent(), DEADLINE);
        log.close(Samples.committed(), DEADLINE);
        put(Layout.tombstone(ATTEMPT), Samples.tombstone().encode());
        log.open(Samples.intent(third, 3), DEADLINE);
        put(Layout.attempt(Samples.CHECKPOINT.attempt(4)) + "junk", ByteBuffer.allocate(1));
        put(Layout.step(Samples.CHECKPOINT) + "a5/intent.json", ByteBuffer.allocate(1));

        List<AttemptView> views = log.attempts(Samples.CHECKPOINT);

        assertThat(views).extracting(view -> view.id().attempt().value()).containsExactly(1, 2, 3);
        assertThat(views).extracting(AttemptView::isClosed).containsExactly(true, true, false);
        assertThat(views).extracting(AttemptView::isVisible).containsExactly(false, false, false);
        assertThat(log.openAttempts(Samples.JOB)).containsExactly(Samples.CHECKPOINT);
        log.close(Samples.committed(third, 4), DEADLINE);
        assertThat(log.attempts(Samples.CHECKPOINT).get(2).isVisible()).isTrue();
        assertThat(log.openAttempts(Samples.JOB)).isEmpty();
    }

    @Test
    void a_tombstone_counts_by_being_there() {
        put(Layout.tombstone(ATTEMPT), ByteBuffer.wrap(new byte[] {1}));
        assertThat(log.isDeleted(ATTEMPT)).isTrue();
    }

    @Test
    void foreign_folders_are_no_jobs() {
        log.open(Samples.intent(), DEADLINE);
        put("data/file", ByteBuffer.allocate(1));
        put(".moorage/probe/x", ByteBuffer.allocate(1));
        put("Upper/steps/x", ByteBuffer.allocate(1));
        put("logged/state/00000000000000000001.json", ByteBuffer.allocate(1));
        assertThat(log.jobs()).extracting(Object::toString).containsExactly("llama-7b", "logged");
    }

    @Test
    void the_inventory_lists_parts_and_shards() {
        log.writePart(Samples.partRecord(), DEADLINE);
        put(Layout.parts(ATTEMPT) + "foreign", ByteBuffer.allocate(5));
        put(Layout.shards(ATTEMPT) + "rank-000000.x.bin", ByteBuffer.allocate(7));
        ManifestLog.Inventory inventory = log.inventory(ATTEMPT);
        assertThat(inventory.parts()).containsExactly(java.util.Map.entry(PART, (long)
                Samples.part().bytes().limit()));
        assertThat(inventory.shards())
                .containsExactly(java.util.Map.entry(Layout.shards(ATTEMPT) + "rank-000000.x.bin", 7L));
    }

    @Test
    void a_part_is_won_once_and_the_loser_gets_the_ref_of_what_is_there() {
        ManifestLog.PartWrite won = log.writePart(Samples.partRecord(), DEADLINE);
        PartRef ref = ((ManifestLog.PartWrite.Won) won).ref();
        assertThat(log.writePart(Samples.partRecord(ATTEMPT, 77), DEADLINE))
                .isEqualTo(
                        new ManifestLog.PartWrite.Lost(ref, Samples.partRecord().header()));
        assertThat(log.readHead(ATTEMPT, PART).ref()).isEqualTo(ref);
        assertThat(log.readHead(ATTEMPT, ref).ref()).isEqualTo(ref);
        assertThat(log.readPart(ATTEMPT, ref)).isEqualTo(Samples.partRecord());
    }

    @Test
    void a_part_that_the_manifest_names_otherwise_or_that_is_gone_is_corrupt() {
        PartRef ref = ((ManifestLog.PartWrite.Won) log.writePart(Samples.partRecord(), DEADLINE)).ref();
        PartRef otherSum = new PartRef(PART, ref.bytes(), new Crc32c(1), ref.own(), ref.replicated());
        PartRef otherRanks =
                new PartRef(PART, ref.bytes(), ref.crc(), ref.replicated(), dev.moorage.protocol.RankSet.EMPTY);
        assertKind(FailureKind.CORRUPT, () -> log.readHead(ATTEMPT, otherSum));
        assertKind(FailureKind.CORRUPT, () -> log.readPart(ATTEMPT, otherSum));
        assertKind(FailureKind.CORRUPT, () -> log.readPart(ATTEMPT, otherRanks));
        memory.delete(Layout.part(ATTEMPT, PART));
        assertKind(FailureKind.CORRUPT, () -> log.readPart(ATTEMPT, ref));
        assertThatThrownBy(() -> log.readHead(ATTEMPT, ref))
                .as("the manifest says whose shards are lost")
                .hasMessageContaining(ATTEMPT + ", ranks " + ref.own());
        assertKind(FailureKind.NOT_FOUND, () -> log.readPart(ATTEMPT, PART));
    }

    @Test
    void a_damaged_section_is_found_by_reading_the_head() {
        ByteBuffer damaged = ByteBuffer.wrap(Samples.part().bytes().array().clone());
        damaged.put(damaged.limit() - 1, (byte) (damaged.get(damaged.limit() - 1) ^ 1));
        put(Layout.part(ATTEMPT, PART), damaged);
        assertKind(FailureKind.CORRUPT, () -> log.readHead(ATTEMPT, PART));
    }

    @Test
    void a_record_that_is_too_long_is_not_read() {
        put(Layout.state(Samples.JOB, 1), ByteBuffer.allocate(RecordJson.SMALL_BYTES_MAX + 1));
        assertKind(FailureKind.CORRUPT, () -> new StateLog(store, Samples.JOB, () -> 0).read());
        assertThat(store.calls(Operation.READ, "state/")).isZero();
    }

    @Test
    void verdicts_take_the_next_free_number_also_when_they_race() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Callable<Verdict>> writers = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                int nonce = 100 + i;
                writers.add(() -> log.writeVerdict(number -> good(number, nonce), ATTEMPT, DEADLINE));
            }
            for (Future<Verdict> answer : threads.invokeAll(writers)) {
                answer.get();
            }
        } finally {
            threads.shutdown();
        }
        assertThat(log.verdicts(ATTEMPT)).hasSize(20);
        assertThat(log.verdicts(ATTEMPT).stream().map(Verdict::nonce).distinct())
                .hasSize(20);
        assertThat(log.status(ATTEMPT)).isEqualTo(VerificationStatus.VERIFIED);
    }

    private static Verdict good(int number, int nonce) {
        return new Verdict(
                ATTEMPT,
                number,
                VerifyDepth.FULL,
                VerdictResult.GOOD,
                true,
                true,
                "all",
                3,
                0,
                List.of(),
                Samples.nonce(nonce),
                0);
    }

    private void put(String key, ByteBuffer object) {
        memory.createOnce(key, object, DEADLINE);
    }

    private static void assertKind(FailureKind kind, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        CheckpointException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(kind));
    }
}
