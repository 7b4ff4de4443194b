package dev.moorage.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.checkpoint.Layout;
import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerificationStatus;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.Answer.VerificationView;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToWorker;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class VerifyTest {
    private static final AttemptId ATTEMPT = new CheckpointId(JobBench.JOB, new Step(5)).attempt(1);

    private final JobBench bench = new JobBench();

    @BeforeEach
    void a_checkpoint() {
        bench.fourRanks();
        bench.stageFour(5, VerifyDepth.NONE);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private Answer verify(String request, VerifyDepth depth, Optional<RankSet> ranks) {
        return bench.ask(
                bench.current(), new ToCoordinator.VerifyAsked(JobBench.JOB, new Step(5), request, depth, ranks, null));
    }

    private VerificationView view(String request) {
        return (VerificationView) bench.ask(
                bench.current(), new ToCoordinator.VerificationViewAsked(JobBench.JOB, new Step(5), request, null));
    }

    @Test
    void everything_is_looked_at_by_somebody_else() {
        verify("r1", VerifyDepth.FULL, Optional.empty());

        assertThat(view("r1")).satisfies(view -> {
            assertThat(view.running()).isFalse();
            assertThat(view.result()).contains(VerdictResult.GOOD);
            assertThat(view.status()).isEqualTo(VerificationStatus.VERIFIED);
            assertThat(view.independentReader()).isTrue();
            assertThat(view.shardsDone()).isEqualTo(4);
            assertThat(view.bytesDone()).isEqualTo(view.bytesTotal());
        });
    }

    @Test
    void some_ranks_alone_do_not_verify_the_checkpoint() {
        verify("r1", VerifyDepth.FULL, Optional.of(RankSet.parse("2")));

        assertThat(view("r1").shards()).isEqualTo(1);
        assertThat(view("r1").status()).isEqualTo(VerificationStatus.ATTESTED);
        assertThat(bench.workers.get("w1").heard(ToWorker.CheckShards.class)).isEmpty();
    }

    @Test
    void the_same_request_joins_and_another_depth_under_its_id_is_invalid() {
        verify("r1", VerifyDepth.FULL, Optional.empty());
        verify("r1", VerifyDepth.FULL, Optional.empty());

        assertThat(bench.truth.verdicts(ATTEMPT)).hasSize(1);
        assertThat(verify("r1", VerifyDepth.ATTEST, Optional.empty()))
                .isInstanceOfSatisfying(
                        Answer.Refused.class,
                        refused -> assertThat(refused.kind()).isEqualTo(FailureKind.INVALID));
    }

    @Test
    void without_another_worker_the_uploader_looks_and_the_verdict_says_so() {
        bench.workers.get("w1").dead = true;
        bench.pass(Duration.ofSeconds(20));
        verify("r1", VerifyDepth.FULL, Optional.empty());
        assertThat(view("r1").running()).as("another worker may still come").isTrue();
        assertThat(bench.invitations).as("others were invited").isPositive();
        bench.pass(Duration.ofSeconds(5));

        assertThat(view("r1").result()).contains(VerdictResult.GOOD);
        assertThat(view("r1").independentReader()).isFalse();
    }

    @Test
    void the_checks_of_a_lost_worker_move_to_another() {
        bench.workers.get("w1").checks = false;
        verify("r1", VerifyDepth.FULL, Optional.empty());
        assertThat(view("r1").running()).isTrue();
        bench.workers.get("w1").dead = true;
        bench.pass(Duration.ofSeconds(20));

        assertThat(view("r1").result()).contains(VerdictResult.GOOD);
    }

    @Test
    void what_a_worker_finds_is_in_the_verdict() {
        bench.workers.get("w1").checks = false;
        verify("r1", VerifyDepth.FULL, Optional.empty());
        FakeWorker worker = bench.workers.get("w1");
        worker.check(worker.heard(ToWorker.CheckShards.class).get(0), VerdictResult.CORRUPT);
        bench.run();

        assertThat(view("r1").result()).contains(VerdictResult.CORRUPT);
        assertThat(view("r1").status()).isEqualTo(VerificationStatus.CORRUPT);
        assertThat(view("r1").findings()).hasSize(2);
    }

    @Test
    void a_part_record_that_is_gone_makes_its_shards_corrupt() {
        bench.memory.delete(Layout.part(ATTEMPT, new PartNumber(1)));
        verify("r1", VerifyDepth.FULL, Optional.empty());

        assertThat(view("r1").result()).contains(VerdictResult.CORRUPT);
        assertThat(view("r1").findings())
                .extracting(finding -> finding.shard().rank().value())
                .containsExactly(2, 3);
    }

    @Test
    void nobody_to_look_is_incomplete_in_the_end() {
        bench.workers.values().forEach(worker -> worker.dead = true);
        bench.pass(Duration.ofSeconds(20));
        verify("r1", VerifyDepth.FULL, Optional.empty());
        bench.pass(Duration.ofSeconds(95));

        assertThat(view("r1").result()).contains(VerdictResult.INCOMPLETE);
    }

    @Test
    void what_is_no_checkpoint_cannot_be_verified() {
        Answer answer = bench.ask(
                bench.current(),
                new ToCoordinator.VerifyAsked(
                        JobBench.JOB, new Step(9), "r1", VerifyDepth.FULL, Optional.empty(), null));

        assertThat(answer)
                .isInstanceOfSatisfying(
                        Answer.Refused.class,
                        refused -> assertThat(refused.kind()).isEqualTo(FailureKind.NOT_FOUND));
    }
}
