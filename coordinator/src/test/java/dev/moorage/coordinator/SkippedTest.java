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
    void what_is_skipped_by_one_life_of_a_worker_and_staged_by_another_counts() {
        openAttempt();
        FakeWorker before = worker(1);
        before.dead = true;
        FakeWorker after = bench.join("w1");
        after.uploads = false;
        after.stage(1, 5, 2);
        after.stage(1, 5, 3);
        before.dead = false;
        before.skip(1, 5, 3);
        worker(0).uploads = true;
        after.uploads = true;
        bench.run();
        bench.cancel(5);
        bench.run();
        bench.save(5);
        bench.run();

        assertThat(bench.outcomes(5))
                .anyMatch(outcome ->
                        outcome.filter(Manifest.Committed.class::isInstance).isPresent());
    }
}
