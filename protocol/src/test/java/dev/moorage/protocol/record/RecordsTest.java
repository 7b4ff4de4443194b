package dev.moorage.protocol.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.SaveSpec;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.UploadId;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorldSize;
import java.util.List;
import java.util.OptionalInt;
import java.util.TreeMap;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RecordsTest {
    private static final AttemptId ATTEMPT = new CheckpointId(new JobName("j"), new Step(7)).attempt(1);
    private static final RunNumber RUN = new RunNumber(1);
    private static final Epoch EPOCH = new Epoch(1);
    private static final Nonce NONCE = Nonce.random();
    private static final SaveSpec SPEC =
            new SaveSpec(new WorldSize(2), Codec.zstd(3), VerifyDepth.FULL, new TreeMap<>());

    @Test
    void parts_are_numbered_by_their_position() {
        PlannedPart second = new PlannedPart(new PartNumber(1), List.of(planned(0, 5)));
        PartRef ref = new PartRef(new PartNumber(1), 1, Crc32c.EMPTY, RankSet.EMPTY, RankSet.EMPTY);

        invalid(
                () -> new Intent(ATTEMPT, RUN, SPEC, List.of(second), EPOCH, NONCE, 0),
                "job j step 7 attempt 1: part 1 at position 0");
        invalid(
                () -> new Manifest.Committed(ATTEMPT, RUN, SPEC, List.of(ref), 0, 0, EPOCH, NONCE, 0),
                "job j step 7 attempt 1: part 1 at position 0");
    }

    @Test
    void an_attempt_has_parts() {
        invalid(() -> new Intent(ATTEMPT, RUN, SPEC, List.of(), EPOCH, NONCE, 0), "attempt 1: no parts");
        invalid(
                () -> new Manifest.Committed(ATTEMPT, RUN, SPEC, List.of(), 0, 0, EPOCH, NONCE, 0),
                "attempt 1: no parts");
    }

    @Test
    void lengths_are_not_negative() {
        invalid(() -> planned(3, -1), "rank 3: negative length -1");
        invalid(() -> stored(planned(3, 0), -1), "rank 3: negative length, raw 0 or stored -1");
        invalid(
                () -> new PartRef(new PartNumber(2), -1, Crc32c.EMPTY, RankSet.EMPTY, RankSet.EMPTY),
                "part 2: negative length of its record -1");
        invalid(
                () -> new Manifest.Committed(ATTEMPT, RUN, SPEC, List.of(), -1, 0, EPOCH, NONCE, 0),
                "negative length, raw -1 or stored 0");
        invalid(() -> new StateEntry.Restore(RUN, -1, new Step(0)), "run 1: negative ordinal of a load -1");
    }

    @Test
    void a_part_has_shards_that_ascend() {
        invalid(() -> new PlannedPart(new PartNumber(0), List.of()), "part 0 has no shards");
        invalid(
                () -> new PlannedPart(new PartNumber(0), List.of(planned(1, 0), planned(1, 0))),
                "part 0: shards must ascend without repeats");
        invalid(
                () -> new PlannedPart(new PartNumber(0), List.of(planned(2, 0), planned(1, 0))),
                "part 0: shards must ascend without repeats");
        assertThat(new PlannedPart(new PartNumber(0), List.of(planned(1, 2), planned(2, 3))).rawBytes())
                .isEqualTo(5);
    }

    @Test
    void a_stored_shard_keeps_its_promise_only_with_the_same_bytes() {
        PlannedShard promise = planned(1, 100);

        assertThat(stored(promise, 50).keeps(promise)).isTrue();
        assertThat(stored(promise, 50).ratio()).isEqualTo(0.5);
        assertThat(stored(planned(1, 0), 9).ratio()).isEqualTo(1.0);
        assertThat(stored(promise, 50).keeps(planned(2, 100))).isFalse();
        assertThat(stored(promise, 50).keeps(planned(1, 101))).isFalse();
        assertThat(stored(promise, 50).keeps(new PlannedShard(promise.shard(), ShardFormat.OPAQUE, 100, new Crc32c(1))))
                .isFalse();
        assertThat(stored(promise, 50)
                        .keeps(new PlannedShard(promise.shard(), ShardFormat.SAFETENSORS, 100, Crc32c.EMPTY)))
                .isFalse();
    }

    @Test
    void a_verdict_is_good_exactly_without_findings() {
        Finding finding = new Finding(ShardId.own(0), VerdictResult.CORRUPT, OptionalInt.empty(), "x");

        assertThat(verdict(1, VerdictResult.GOOD, List.of()).provesEverything()).isTrue();
        assertThat(verdict(1, VerdictResult.CORRUPT, List.of(finding)).provesEverything())
                .isFalse();
        invalid(() -> verdict(1, VerdictResult.GOOD, List.of(finding)), "GOOD exactly when it has no findings");
        invalid(() -> verdict(1, VerdictResult.CORRUPT, List.of()), "GOOD exactly when it has no findings");
        invalid(() -> verdict(0, VerdictResult.GOOD, List.of()), "verdict number must be positive, was 0");
    }

    @Test
    void a_finding_is_bad_news_about_a_chunk_that_can_be() {
        invalid(
                () -> new Finding(ShardId.own(0), VerdictResult.GOOD, OptionalInt.empty(), "x"),
                "a finding is CORRUPT or INCOMPLETE");
        invalid(
                () -> new Finding(ShardId.own(0), VerdictResult.CORRUPT, OptionalInt.of(-1), "x"),
                "rank 0: negative chunk -1");
    }

    @Test
    void a_state_log_starts_at_1() {
        StateEntry.Event claim = new StateEntry.Claim("node-1");

        assertThat(new StateEntry(1, EPOCH, StateEntry.BEFORE_FIRST, NONCE, claim, 0).seq())
                .isEqualTo(1);
        invalid(
                () -> new StateEntry(0, EPOCH, StateEntry.BEFORE_FIRST, NONCE, claim, 0),
                "a state log starts at 1, was 0");
    }

    private static PlannedShard planned(int rank, long bytes) {
        return new PlannedShard(ShardId.own(rank), ShardFormat.OPAQUE, bytes, Crc32c.EMPTY);
    }

    private static StoredShard stored(PlannedShard shard, long storedBytes) {
        return new StoredShard(
                shard.shard(),
                shard.format(),
                UploadId.random(),
                Codec.zstd(3),
                shard.rawBytes(),
                storedBytes,
                shard.rawCrc(),
                Crc32c.EMPTY);
    }

    private static Verdict verdict(int number, VerdictResult result, List<Finding> findings) {
        return new Verdict(
                ATTEMPT, number, VerifyDepth.FULL, result, true, true, "all bytes", 2, 100, findings, NONCE, 0);
    }

    private static void invalid(Runnable call, String message) {
        assertThatThrownBy(call::run)
                .hasMessageContaining(message)
                .isInstanceOfSatisfying(
                        CheckpointException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.INVALID));
    }
}
