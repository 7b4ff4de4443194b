package dev.moorage.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToWorker;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LoadTest {
    private final JobBench bench = new JobBench();

    @BeforeEach
    void two_checkpoints() {
        bench.fourRanks();
        bench.stageFour(5, VerifyDepth.NONE);
        bench.stageFour(6, VerifyDepth.NONE);
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private void loadAll(long ordinal, String selector) {
        for (int rank = 0; rank < 4; rank++) {
            bench.workers.get("w" + rank / 2).load(1, ordinal, rank, selector);
        }
        bench.run();
    }

    private List<ToWorker.LoadDecided> decided() {
        return bench.workers.values().stream()
                .flatMap(worker -> worker.heard(ToWorker.LoadDecided.class).stream())
                .toList();
    }

    private static Step step(ToWorker.LoadDecided decided) {
        return decided.step().orElseThrow();
    }

    @Test
    void all_ranks_get_the_newest_step_once_all_have_asked() {
        bench.workers.get("w0").load(1, 0, 0, "latest");
        bench.run();
        assertThat(decided()).isEmpty();
        loadAll(0, "latest");

        assertThat(decided()).hasSize(4).allMatch(told -> step(told).value() == 6);
        assertThat(bench.workers.get("w1").heard(ToWorker.PrepareLoad.class))
                .allSatisfy(prepare -> assertThat(prepare.shards())
                        .singleElement()
                        .satisfies(shard -> assertThat(shard.shard().rank()).isEqualTo(prepare.rank())));
    }

    @Test
    void a_corrupt_shard_moves_all_ranks_to_the_next_good_step() {
        bench.workers.get("w1").loadFailure = FailureKind.CORRUPT;
        bench.workers.get("w1").loadFailureOf = new Step(6);
        loadAll(0, "latest");

        assertThat(decided()).hasSize(4).allSatisfy(told -> {
            assertThat(step(told).value()).isEqualTo(5);
            assertThat(told.reason()).contains("step 6").contains("does not hold");
        });
    }

    @Test
    void a_corrupt_shard_of_an_explicit_step_is_told_to_all() {
        bench.workers.get("w1").loadFailure = FailureKind.CORRUPT;
        bench.workers.get("w1").loadFailureOf = new Step(6);
        loadAll(0, "6");

        assertThat(decided()).hasSize(4).allMatch(told -> told.failure().equals(Optional.of(FailureKind.CORRUPT)));
    }

    @Test
    void what_is_in_the_log_is_decided_for_whoever_asks_again() {
        loadAll(0, "latest");
        bench.workers.values().forEach(worker -> worker.heard.clear());
        bench.stageFour(7, VerifyDepth.NONE);
        bench.restart();
        bench.pass(Duration.ofSeconds(6));
        bench.workers.get("w1").load(1, 0, 3, "latest");
        bench.run();

        assertThat(decided())
                .singleElement()
                .satisfies(told -> assertThat(step(told).value()).isEqualTo(6));
    }

    @Test
    void a_decided_load_that_is_asked_again_is_prepared_again_by_order_of_the_coordinator() {
        loadAll(0, "latest");
        FakeWorker worker = bench.workers.get("w1");
        worker.heard.clear();
        worker.load(1, 0, 3, "latest");
        bench.run();

        assertThat(worker.heard(ToWorker.PrepareLoad.class))
                .singleElement()
                .satisfies(order -> assertThat(order.rank().value()).isEqualTo(3));
        assertThat(decided().stream().filter(told -> told.rank().value() == 3))
                .singleElement()
                .satisfies(told -> assertThat(step(told).value()).isEqualTo(6));
    }

    @Test
    void another_request_at_the_same_ordinal_is_invalid() {
        bench.workers.get("w0").load(1, 0, 0, "latest");
        bench.workers.get("w0").load(1, 0, 1, "5");
        bench.run();

        assertThat(decided()).singleElement().satisfies(told -> {
            assertThat(told.failure()).contains(FailureKind.INVALID);
            assertThat(told.reason()).contains("latest").contains("5");
        });
    }

    @Test
    void missing_ranks_end_the_load_and_are_named() {
        bench.workers.get("w0").load(1, 0, 0, "latest");
        bench.pass(Duration.ofSeconds(121));

        assertThat(decided()).singleElement().satisfies(told -> {
            assertThat(told.failure()).contains(FailureKind.UNAVAILABLE);
            assertThat(told.reason()).contains("1-3");
        });
        assertThat(bench.ask(bench.current(), new ToCoordinator.LoadViewAsked(JobBench.JOB, new RunNumber(1), 0, null)))
                .isInstanceOfSatisfying(
                        Answer.LoadView.class,
                        view -> assertThat(view.missing()).hasToString("1-3"));
    }

    @Test
    void another_world_size_is_invalid() {
        bench.openRun(bench.workers.get("w0"), "token-2", 1);
        bench.workers.get("w0").load(2, 0, 0, "latest");
        bench.run();

        assertThat(decided()).singleElement().satisfies(told -> {
            assertThat(told.failure()).contains(FailureKind.INVALID);
            assertThat(told.reason()).contains("world size 4");
        });
    }

    @Test
    void a_superseded_run_loads_nothing() {
        bench.openRun(bench.workers.get("w0"), "token-2", 1);
        bench.workers.get("w1").load(1, 0, 3, "latest");
        bench.run();

        assertThat(decided())
                .singleElement()
                .satisfies(told -> assertThat(told.reason()).contains("superseded by run 2"));
    }
}
