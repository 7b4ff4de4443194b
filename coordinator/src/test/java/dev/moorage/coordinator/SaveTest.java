package dev.moorage.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.checkpoint.Layout;
import dev.moorage.coordinator.core.StoreOperation;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.CheckpointState;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SaveTest {
    private final JobBench bench = new JobBench();

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void staged_ranks_become_a_checkpoint_without_anybody_asking() {
        bench.fourRanks();
        bench.stageFour(5, VerifyDepth.NONE);

        Manifest.Committed manifest = (Manifest.Committed) bench.onlyOutcome(5);
        assertThat(manifest.parts()).hasSize(2);
        assertThat(manifest.rawBytes()).isEqualTo(4L * "run 1 step 5 rank 0".length());
        assertThat(bench.view(5)).satisfies(view -> {
            assertThat(view.state()).isEqualTo(CheckpointState.COMMITTED);
            assertThat(view.attempt()).isEqualTo(1);
            assertThat(view.partsDone()).isEqualTo(2);
            assertThat(view.missing().size()).isZero();
        });
        assertThat(bench.workers.get("w1").heard(ToWorker.OutcomeTold.class))
                .singleElement()
                .matches(ToWorker.OutcomeTold::committed);
    }

    @Test
    void the_verification_that_was_asked_for_is_done_by_other_workers() {
        bench.fourRanks();
        bench.stageFour(5, VerifyDepth.FULL);

        List<Verdict> verdicts = bench.truth.verdicts(new CheckpointId(JobBench.JOB, new Step(5)).attempt(1));
        assertThat(verdicts).singleElement().satisfies(verdict -> {
            assertThat(verdict.result()).isEqualTo(VerdictResult.GOOD);
            assertThat(verdict.independentReader()).isTrue();
            assertThat(verdict.provesEverything()).isTrue();
            assertThat(verdict.shards()).isEqualTo(4);
        });
        assertThat(bench.view(5).verification())
                .hasValueSatisfying(
                        verification -> assertThat(verification.running()).isFalse());
    }

    @Test
    void a_repeated_save_is_told_of_the_same_checkpoint() {
        bench.fourRanks();
        bench.stageFour(5, VerifyDepth.NONE);

        assertThat(bench.save(5)).isInstanceOfSatisfying(Answer.SaveView.class, view -> {
            assertThat(view.already()).isTrue();
            assertThat(view.state()).isEqualTo(CheckpointState.COMMITTED);
        });
        bench.restart();
        assertThat(bench.save(5))
                .isInstanceOfSatisfying(
                        Answer.SaveView.class,
                        view -> assertThat(view.already()).isTrue());
        assertThat(bench.outcomes(5)).hasSize(1);
    }

    @Test
    void an_explicit_save_sets_the_codec_before_the_intent_and_not_after() {
        bench.fourRanks();
        assertThat(bench.save(5, Optional.of(Codec.NONE), Optional.empty())).isInstanceOf(Answer.SaveView.class);
        bench.stageFour(5, VerifyDepth.NONE);

        assertThat(((Manifest.Committed) bench.onlyOutcome(5)).spec().codec()).isEqualTo(Codec.NONE);
        assertThat(bench.save(5, Optional.of(Codec.zstd(9)), Optional.empty()))
                .isInstanceOfSatisfying(Answer.Refused.class, refused -> {
                    assertThat(refused.kind()).isEqualTo(FailureKind.INVALID);
                    assertThat(refused.message()).contains("none").contains("zstd:9");
                });
    }

    @Test
    void missing_ranks_are_named_after_their_time() {
        bench.fourRanks();
        bench.workers.get("w0").stage(1, 5, 0);
        bench.run();
        assertThat(bench.view(5).missing()).hasToString("1-3");
        bench.pass(Duration.ofSeconds(121));

        assertThat(bench.view(5)).satisfies(view -> {
            assertThat(view.state()).isEqualTo(CheckpointState.ABORTED);
            assertThat(view.attempt()).isZero();
            assertThat(view.reason()).contains("ranks 1-3");
        });
        assertThat(bench.workers.get("w0").heard(ToWorker.StagingEnded.class))
                .as("whoever has staged hears it")
                .isNotEmpty()
                .allSatisfy(told -> assertThat(told.reason()).contains("ranks 1-3"));
        assertThat(bench.outcomes(5)).isEmpty();
    }

    @Test
    void replicas_that_differ_are_named_and_nothing_is_opened() {
        bench.start();
        FakeWorker worker = bench.join("w0");
        bench.openRun(worker, "t", 2);
        for (int rank = 0; rank < 2; rank++) {
            byte[] raw = {1, (byte) rank};
            worker.stage(
                    1, 5, rank, VerifyDepth.NONE, List.of(worker.hold(ShardKind.REPLICATED, Optional.of("dp"), raw)));
        }
        bench.run();

        assertThat(bench.save(5)).isInstanceOfSatisfying(Answer.Refused.class, refused -> {
            assertThat(refused.kind()).isEqualTo(FailureKind.INVALID);
            assertThat(refused.message()).contains("rank 0").contains("rank 1").contains("dp");
        });
        assertThat(bench.outcomes(5)).isEmpty();
    }

    @Test
    void a_replicated_shard_is_stored_once_and_taken_over_by_another_holder() {
        bench.fourRanks();
        bench.workers.get("w0").uploads = false;
        for (int rank : new int[] {0, 2}) {
            FakeWorker worker = bench.workers.get("w" + rank / 2);
            worker.stage(
                    1,
                    5,
                    rank,
                    VerifyDepth.NONE,
                    List.of(worker.hold(ShardKind.REPLICATED, Optional.of("dp"), new byte[] {1})));
        }
        for (int rank : new int[] {1, 3}) {
            FakeWorker worker = bench.workers.get("w1");
            worker.stage(
                    1, 5, rank, VerifyDepth.NONE, List.of(worker.hold(ShardKind.OWN, Optional.empty(), new byte[] {2
                    })));
        }
        bench.run();
        bench.pass(Duration.ofSeconds(61));

        Manifest.Committed manifest = (Manifest.Committed) bench.onlyOutcome(5);
        assertThat(manifest.parts().stream().map(part -> part.replicated().toString()))
                .containsExactlyInAnyOrder("0", "");
        assertThat(manifest.rawBytes()).isEqualTo(3);
    }

    @Test
    void a_shard_that_goes_between_its_record_and_the_commit_prevents_the_commit() {
        bench.fourRanks();
        bench.stopBefore = operation -> {
            if (operation instanceof StoreOperation.TakeInventory) {
                deleteOneShard();
            }
            return false;
        };
        bench.stageFour(5, VerifyDepth.NONE);

        assertThat(bench.outcomes(5))
                .hasSize(2)
                .allSatisfy(outcome -> assertThat(outcome)
                        .hasValueSatisfying(told -> assertThat(told)
                                .isInstanceOfSatisfying(
                                        Manifest.Aborted.class,
                                        aborted -> assertThat(aborted.reason()).contains("has gone from the store"))));
    }

    private void deleteOneShard() {
        try (var shards = bench.memory.list(Layout.steps(JobBench.JOB))) {
            bench.memory.delete(shards.filter(object -> object.key().contains("/shards/"))
                    .reduce((first, last) -> last)
                    .orElseThrow()
                    .key());
        }
    }

    @Test
    void a_lost_worker_without_a_twin_aborts_with_its_ranks_named() {
        bench.fourRanks();
        bench.workers.get("w1").uploads = false;
        bench.stageFour(5, VerifyDepth.NONE);
        bench.workers.get("w1").dead = true;
        bench.pass(Duration.ofMinutes(2));

        assertThat(bench.onlyOutcome(5))
                .isInstanceOfSatisfying(
                        Manifest.Aborted.class,
                        aborted -> assertThat(aborted.reason()).contains("2-3"));
        assertThat(bench.view(5).state()).isEqualTo(CheckpointState.ABORTED);
    }

    @Test
    void a_daemon_that_returns_in_time_finishes_its_part() {
        bench.fourRanks();
        FakeWorker before = bench.workers.get("w1");
        before.uploads = false;
        bench.stageFour(5, VerifyDepth.NONE);
        before.dead = true;
        bench.pass(Duration.ofSeconds(30));
        FakeWorker after = bench.join("w1");
        after.inherit(before);
        bench.pass(Duration.ofSeconds(10));

        assertThat(bench.onlyOutcome(5)).isInstanceOf(Manifest.Committed.class);
    }

    @Test
    void a_worker_whose_giving_up_was_lost_is_asked_again_before_the_part_is_taken_from_it() {
        bench.fourRanks();
        FakeWorker worker = bench.workers.get("w1");
        worker.uploads = false;
        bench.stageFour(5, VerifyDepth.NONE);
        ToWorker.AssignPart order = worker.heard(ToWorker.AssignPart.class).get(0);
        bench.toAll(new ToCoordinator.Progressed(
                JobBench.JOB,
                worker.id,
                worker.incarnation,
                order.epoch(),
                List.of(new ToCoordinator.PartProgress(
                        order.attempt(), ToCoordinator.Phase.UPLOAD, order.part(), 10, 10))));
        bench.run();
        worker.uploads = true;
        bench.pass(Duration.ofSeconds(20));

        assertThat(bench.onlyOutcome(5)).isInstanceOf(Manifest.Committed.class);
    }

    @Test
    void a_part_that_fails_for_good_is_aborted_and_tried_once_more() {
        bench.fourRanks();
        FakeWorker worker = bench.workers.get("w1");
        worker.uploads = false;
        bench.stageFour(5, VerifyDepth.NONE);
        worker.fail(worker.heard(ToWorker.AssignPart.class).get(0), false, "rank 2 was written after staging");
        worker.uploads = true;
        bench.run();

        assertThat(bench.outcomes(5)).hasSize(2);
        assertThat(bench.outcomes(5).get(0))
                .hasValueSatisfying(
                        told -> assertThat(((Manifest.Aborted) told).reason()).contains("written after staging"));
        assertThat(bench.outcomes(5).get(1))
                .hasValueSatisfying(told -> assertThat(told).isInstanceOf(Manifest.Committed.class));
        assertThat(bench.view(5).attempt()).isEqualTo(2);
    }

    @Test
    void a_cancelled_save_is_not_tried_again_until_somebody_asks() {
        bench.fourRanks();
        bench.workers.get("w1").uploads = false;
        bench.stageFour(5, VerifyDepth.NONE);
        bench.cancel(5);
        bench.pass(Duration.ofSeconds(10));
        assertThat(bench.onlyOutcome(5)).isInstanceOf(Manifest.Aborted.class);
        bench.restart();
        bench.pass(Duration.ofSeconds(10));
        assertThat(bench.outcomes(5)).hasSize(1);

        bench.workers.get("w1").uploads = true;
        bench.save(5);

        assertThat(bench.view(5).state()).isEqualTo(CheckpointState.COMMITTED);
        assertThat(bench.outcomes(5)).hasSize(2);
    }

    @Test
    void a_cancel_that_comes_second_learns_of_the_commit() {
        bench.fourRanks();
        bench.stageFour(5, VerifyDepth.NONE);

        assertThat(bench.cancel(5))
                .isInstanceOfSatisfying(
                        Answer.SaveView.class, view -> assertThat(view.state()).isEqualTo(CheckpointState.COMMITTED));
        assertThat(bench.onlyOutcome(5)).isInstanceOf(Manifest.Committed.class);
    }

    @Test
    void a_first_save_waits_for_no_other_step() {
        bench.fourRanks();
        for (int rank = 0; rank < 4; rank++) {
            bench.workers.get("w" + rank / 2).stage(1, 5, rank);
        }

        assertThat(bench.save(5))
                .isInstanceOfSatisfying(
                        Answer.SaveView.class, view -> assertThat(view.reason()).doesNotContain("another step"));
    }

    @Test
    void a_third_step_waits_for_a_place() {
        bench.fourRanks();
        bench.workers.get("w1").uploads = false;
        bench.stageFour(5, VerifyDepth.NONE);
        bench.stageFour(6, VerifyDepth.NONE);
        bench.stageFour(7, VerifyDepth.NONE);

        assertThat(bench.view(6).state()).isEqualTo(CheckpointState.UPLOADING);
        assertThat(bench.view(7)).satisfies(view -> {
            assertThat(view.state()).isEqualTo(CheckpointState.STAGING);
            assertThat(view.reason()).contains("waits for another step");
        });
        bench.cancel(5);
        bench.run();
        assertThat(bench.view(7).state()).isEqualTo(CheckpointState.UPLOADING);
    }
}
