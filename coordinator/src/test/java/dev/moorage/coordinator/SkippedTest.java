package dev.moorage.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.protocol.CheckpointState;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.record.Manifest;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** What a rank has staged and then given up does not count for the next attempt. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SkippedTest {
    private final JobBench bench = new JobBench();

    @AfterEach
    void close() {
        bench.close();
    }

    private void openAttempt() {
        bench.fourRanks();
        bench.workers.values().forEach(worker -> worker.uploads = false);
        bench.stageFour(5, VerifyDepth.NONE);
        assertThat(bench.outcomes(5)).containsExactly(Optional.empty());
    }

    private FakeWorker worker(int number) {
        return bench.workers.get("w" + number);
    }

    private ToWorker.AssignPart order(int number) {
        return worker(number).heard(ToWorker.AssignPart.class).get(0);
    }

    @Test
    void a_step_that_a_rank_skips_while_its_attempt_is_open_is_not_tried_again_by_itself() {
        openAttempt();
        worker(1).skip(1, 5, 3);
        worker(1).fail(order(1), false, "the segment is not here");
        bench.run();

        assertThat(bench.outcomes(5)).hasSize(1);
        assertThat(bench.onlyOutcome(5)).isInstanceOf(Manifest.Aborted.class);
    }

    @Test
    void a_save_that_is_asked_for_after_that_waits_for_the_rank_and_opens_nothing_without_it() {
        openAttempt();
        worker(1).skip(1, 5, 3);
        worker(1).fail(order(1), false, "the segment is not here");
        bench.run();

        bench.save(5);
        assertThat(bench.outcomes(5)).hasSize(1);
        assertThat(bench.view(5).state()).isEqualTo(CheckpointState.STAGING);
        assertThat(bench.view(5).missing().toString()).isEqualTo("3");

        bench.workers.values().forEach(worker -> worker.uploads = true);
        worker(1).stage(1, 5, 3);
        bench.run();
        assertThat(bench.outcomes(5)).hasSize(2);
        assertThat(bench.outcomes(5).get(1)).containsInstanceOf(Manifest.Committed.class);
    }

    @Test
    void what_one_worker_skips_and_another_has_staged_since_counts() {
        openAttempt();
        worker(0).stage(1, 5, 3);
        worker(1).skip(1, 5, 3);
        bench.run();
        bench.workers.values().forEach(worker -> worker.uploads = true);
        worker(1).fail(order(1), false, "the segment is not here");
        bench.run();

        assertThat(bench.outcomes(5)).hasSize(2);
        assertThat(bench.outcomes(5).get(0)).containsInstanceOf(Manifest.Aborted.class);
        assertThat(bench.outcomes(5).get(1)).containsInstanceOf(Manifest.Committed.class);
    }

    @Test
    void what_one_worker_skips_and_another_has_staged_since_ends_no_step_that_waits_for_others() {
        bench.fourRanks();
        worker(1).stage(1, 5, 3);
        worker(0).stage(1, 5, 3);
        bench.run();
        worker(1).skip(1, 5, 3);
        bench.run();
        assertThat(bench.view(5).state()).isEqualTo(CheckpointState.STAGING);

        worker(0).stage(1, 5, 0);
        worker(0).stage(1, 5, 1);
        worker(1).stage(1, 5, 2);
        bench.run();
        assertThat(bench.onlyOutcome(5)).isInstanceOf(Manifest.Committed.class);
    }

    @Test
    void a_step_of_which_nothing_but_a_skip_is_heard_at_first_ends_at_once() {
        bench.fourRanks();
        worker(1).skip(1, 5, 3);
        for (int rank = 0; rank < 3; rank++) {
            worker(rank / 2).stage(1, 5, rank);
        }
        bench.run();

        assertThat(bench.outcomes(5)).isEmpty();
        assertThat(bench.view(5).state()).isEqualTo(CheckpointState.ABORTED);
        assertThat(worker(0).heard(ToWorker.StagingEnded.class))
                .isNotEmpty()
                .allSatisfy(told -> assertThat(told.reason()).contains("rank 3 skipped the step"));
    }

    @Test
    void a_rank_that_stages_a_step_after_it_skipped_it_is_part_of_it() {
        bench.fourRanks();
        worker(1).skip(1, 5, 3);
        bench.stageFour(5, VerifyDepth.NONE);

        assertThat(bench.onlyOutcome(5)).isInstanceOf(Manifest.Committed.class);
    }

    @Test
    void a_skip_of_an_older_run_does_not_end_the_step_of_the_latest() {
        bench.fourRanks();
        bench.openRun(worker(0), "token-2", 4);
        worker(1).skip(1, 5, 3);
        bench.run();
        bench.save(5);

        assertThat(bench.view(5).state()).isEqualTo(CheckpointState.STAGING);
    }
}
