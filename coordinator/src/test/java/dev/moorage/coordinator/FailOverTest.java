package dev.moorage.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.coordinator.core.StoreOperation;
import dev.moorage.protocol.CheckpointState;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.storage.FaultyStore.Operation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class FailOverTest {
    @Test
    void a_coordinator_that_stops_at_any_store_operation_of_a_save_has_a_successor_with_the_same_answer() {
        int operations = storeOperationsOfASave();
        assertThat(operations).isGreaterThan(10);
        for (int stopAt = 1; stopAt <= operations; stopAt++) {
            for (boolean before : new boolean[] {true, false}) {
                stopAndGoOn(stopAt, before);
            }
        }
    }

    @Test
    void a_coordinator_that_stops_at_any_store_call_of_a_save_has_a_successor_that_commits_it() {
        int calls;
        try (JobBench bench = new JobBench()) {
            bench.fourRanks();
            bench.stageFour(5, VerifyDepth.FULL);
            calls = bench.faulty.calls().size();
        }
        assertThat(calls).isGreaterThan(20);
        for (int stopAt = 1; stopAt <= calls; stopAt++) {
            try (JobBench bench = new JobBench()) {
                bench.stopAtStoreCall(stopAt);
                bench.fourRanks();
                bench.stageFour(5, VerifyDepth.FULL);
                goOn(bench, "store call " + stopAt);
            }
        }
    }

    private static int storeOperationsOfASave() {
        AtomicInteger count = new AtomicInteger();
        try (JobBench bench = new JobBench()) {
            bench.stopBefore = operation -> count.incrementAndGet() < 0;
            bench.fourRanks();
            bench.stageFour(5, VerifyDepth.FULL);
        }
        return count.get();
    }

    private static void stopAndGoOn(int stopAt, boolean before) {
        try (JobBench bench = new JobBench()) {
            AtomicInteger count = new AtomicInteger();
            List<StoreOperation> stoppedAt = new ArrayList<>();
            Predicate<StoreOperation> stop = operation -> {
                boolean now = count.incrementAndGet() == stopAt;
                if (now) {
                    stoppedAt.add(operation);
                }
                return now;
            };
            if (before) {
                bench.stopBefore = stop;
            } else {
                bench.stopAfter = stop;
            }
            bench.fourRanks();
            bench.stageFour(5, VerifyDepth.FULL);
            goOn(bench, (before ? "before " : "after ") + stoppedAt);
        }
    }

    /** Another coordinator takes over; the workers and the client say again what they want. */
    private static void goOn(JobBench bench, String stopped) {
        bench.faulty.heal();
        bench.restart();
        bench.pass(Duration.ofSeconds(6));
        bench.openRun(bench.workers.get("w0"), "token-1", 4);
        bench.stageFour(5, VerifyDepth.FULL);
        bench.pass(Duration.ofSeconds(10));

        assertThat(bench.outcomes(5))
                .as("stopped at %s", stopped)
                .singleElement()
                .satisfies(outcome -> assertThat(outcome)
                        .hasValueSatisfying(told -> assertThat(told).isInstanceOf(Manifest.Committed.class)));
        Answer first = bench.save(5);
        assertThat(first)
                .isInstanceOfSatisfying(
                        Answer.SaveView.class, view -> assertThat(view.state()).isEqualTo(CheckpointState.COMMITTED));
        assertThat(bench.save(5)).isEqualTo(first);
        assertThat(bench.workers.values())
                .allSatisfy(worker -> assertThat(worker.heard(ToWorker.OutcomeTold.class))
                        .isNotEmpty()
                        .allMatch(ToWorker.OutcomeTold::committed));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/state/", "/intent.json", "/manifest.json", "/verify/"})
    void a_lost_answer_to_a_write_is_found_out_and_never_written_twice(String key) {
        try (JobBench bench = new JobBench()) {
            bench.faulty.loseAnswer(Operation.CREATE, key, 2);
            bench.fourRanks();
            bench.pass(Duration.ofSeconds(5));
            bench.openRun(bench.workers.get("w0"), "token-1", 4);
            bench.stageFour(5, VerifyDepth.FULL);
            bench.pass(Duration.ofSeconds(10));

            assertThat(bench.onlyOutcome(5)).isInstanceOf(Manifest.Committed.class);
            assertThat(bench.view(5).verification())
                    .hasValueSatisfying(
                            verification -> assertThat(verification.verdict()).isPositive());
        }
    }

    @Test
    void an_outcome_that_is_in_doubt_is_said_to_be_until_it_is_known() {
        try (JobBench bench = new JobBench()) {
            bench.fourRanks();
            bench.faulty.loseAnswer(Operation.CREATE, "/manifest.json", 1_000);
            bench.faulty.loseRequest(Operation.CREATE, "/manifest.json", 3);
            bench.stageFour(5, VerifyDepth.NONE);

            assertThat(bench.view(5)).satisfies(view -> {
                assertThat(view.state()).isEqualTo(CheckpointState.SEALING);
                assertThat(view.reason()).contains("in doubt");
            });
            bench.faulty.heal();
            bench.pass(Duration.ofSeconds(5));
            assertThat(bench.view(5).state()).isEqualTo(CheckpointState.COMMITTED);
        }
    }

    @Test
    void two_coordinators_at_once_do_double_work_and_no_harm() {
        try (JobBench bench = new JobBench()) {
            bench.start();
            bench.start();
            bench.join("w0");
            bench.join("w1");
            bench.openRun(bench.workers.get("w0"), "token-1", 4);
            bench.pass(Duration.ofSeconds(6));
            bench.openRun(bench.workers.get("w0"), "token-1", 4);
            bench.stageFour(5, VerifyDepth.NONE);
            bench.pass(Duration.ofSeconds(20));

            assertThat(bench.onlyOutcome(5)).isInstanceOf(Manifest.Committed.class);
            bench.coordinators.forEach(coordinator -> assertThat(bench.ask(
                            coordinator,
                            new dev.moorage.protocol.cluster.ToCoordinator.SaveViewAsked(
                                    JobBench.JOB, new dev.moorage.protocol.Step(5), null)))
                    .isInstanceOfSatisfying(
                            Answer.SaveView.class,
                            view -> assertThat(view.state()).isEqualTo(CheckpointState.COMMITTED)));
            assertThat(bench.workers.get("w0").heard(ToWorker.RunOpened.class))
                    .allSatisfy(opened -> assertThat(opened.run().value()).isEqualTo(1));
        }
    }

    @Test
    void an_open_attempt_without_holders_is_closed_in_the_end() {
        try (JobBench bench = new JobBench()) {
            bench.fourRanks();
            bench.workers.values().forEach(worker -> worker.uploads = false);
            bench.stageFour(5, VerifyDepth.NONE);
            bench.workers.values().forEach(worker -> worker.dead = true);
            bench.restart();
            bench.pass(Duration.ofSeconds(95));

            assertThat(bench.onlyOutcome(5))
                    .isInstanceOfSatisfying(
                            Manifest.Aborted.class,
                            aborted -> assertThat(aborted.reason()).contains("0-3"));
        }
    }

    @Test
    void an_open_attempt_of_a_superseded_run_is_finished_from_its_own_shards() {
        try (JobBench bench = new JobBench()) {
            bench.fourRanks();
            bench.workers.get("w1").uploads = false;
            bench.stageFour(5, VerifyDepth.NONE);
            bench.restart();
            bench.openRun(bench.workers.get("w0"), "token-2", 4);
            bench.workers.get("w1").uploads = true;
            bench.pass(Duration.ofSeconds(10));

            assertThat(bench.onlyOutcome(5))
                    .isInstanceOfSatisfying(
                            Manifest.Committed.class,
                            manifest -> assertThat(manifest.run().value()).isEqualTo(1));
        }
    }

    @Test
    void ranks_of_two_runs_never_meet_and_the_old_ones_are_told() {
        try (JobBench bench = new JobBench()) {
            bench.fourRanks();
            bench.workers.get("w0").stage(1, 5, 0);
            bench.workers.get("w0").stage(1, 5, 1);
            bench.run();
            bench.openRun(bench.workers.get("w1"), "token-2", 4);
            bench.workers.get("w1").stage(2, 5, 2);
            bench.workers.get("w1").stage(2, 5, 3);
            bench.pass(Duration.ofSeconds(6));

            assertThat(bench.outcomes(5)).isEmpty();
            assertThat(bench.view(5).missing()).hasToString("0-1");
            assertThat(bench.workers.get("w0").heard(ToWorker.RunRefused.class))
                    .isNotEmpty()
                    .allSatisfy(refused -> assertThat(refused.reason()).contains("superseded by run 2"));
            bench.workers.get("w0").openRun("token-1", 4);
            bench.run();
            assertThat(bench.workers.get("w0").heard(ToWorker.RunRefused.class))
                    .last()
                    .satisfies(refused -> assertThat(refused.token().value()).isEqualTo("token-1"));
        }
    }

    @Test
    void a_cancel_that_races_a_commit_has_one_winner() {
        try (JobBench bench = new JobBench()) {
            bench.fourRanks();
            JobBench.Coordinator first = bench.current();
            bench.stopBefore = operation -> operation instanceof StoreOperation.Close;
            bench.stageFour(5, VerifyDepth.NONE);
            assertThat(first.stopped).isTrue();
            bench.stopBefore = operation -> false;
            bench.workers.values().forEach(worker -> worker.dead = true);
            bench.start();
            bench.run();
            Answer told = bench.cancel(5);

            Optional<Manifest> outcome = bench.outcomes(5).get(0);
            assertThat(told).isInstanceOf(Answer.SaveView.class);
            assertThat(outcome).isPresent();
            assertThat(bench.view(5).state() == CheckpointState.COMMITTED)
                    .isEqualTo(outcome.get() instanceof Manifest.Committed);
        }
    }
}
