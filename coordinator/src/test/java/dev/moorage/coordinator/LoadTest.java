package dev.moorage.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.protocol.CheckpointState;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToWorker;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
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

    /** Ranks 0 and 1 hold one replicated shard, ranks 2 and 3 another; every rank has one of its own, too. */
    private void a_checkpoint_of_two_groups() {
        for (int rank = 0; rank < 4; rank++) {
            FakeWorker worker = bench.workers.get("w" + rank % 2);
            worker.stage(
                    1,
                    7,
                    rank,
                    VerifyDepth.NONE,
                    List.of(
                            worker.hold(ShardKind.OWN, Optional.empty(), new byte[] {1, (byte) rank}),
                            worker.hold(ShardKind.REPLICATED, group(rank), new byte[] {2, (byte) (rank / 2)})));
        }
        bench.run();
        assertThat(bench.view(7).state()).isEqualTo(CheckpointState.COMMITTED);
    }

    private static Optional<String> group(int rank) {
        return Optional.of("pp" + rank / 2);
    }

    private void loadInGroups(IntFunction<Optional<String>> groups) {
        for (int rank = 0; rank < 4; rank++) {
            bench.workers.get("w" + rank % 2).load(1, 0, rank, groups.apply(rank), "latest");
        }
        bench.run();
    }

    private void assertEveryRankGetsItsOwnShardAndThatOfItsGroup() {
        for (int rank = 0; rank < 4; rank++) {
            Rank who = new Rank(rank);
            assertThat(bench.workers.get("w" + rank % 2).heard(ToWorker.PrepareLoad.class))
                    .filteredOn(prepare -> prepare.rank().equals(who))
                    .last()
                    .satisfies(prepare -> assertThat(prepare.shards())
                            .extracting(ToWorker.ShardToLoad::shard)
                            .containsExactly(
                                    new ShardId(who, ShardKind.OWN),
                                    new ShardId(new Rank(who.value() / 2 * 2), ShardKind.REPLICATED)));
        }
    }

    @Test
    void every_rank_gets_its_own_shard_and_that_of_its_group() {
        a_checkpoint_of_two_groups();
        loadInGroups(LoadTest::group);

        assertThat(decided()).hasSize(4).allMatch(told -> step(told).value() == 7);
        assertEveryRankGetsItsOwnShardAndThatOfItsGroup();
    }

    @Test
    void ranks_that_ask_again_after_a_fail_over_get_the_shard_of_their_group_too() {
        a_checkpoint_of_two_groups();
        loadInGroups(LoadTest::group);
        bench.restart();
        bench.pass(Duration.ofSeconds(10));
        bench.workers.values().forEach(worker -> worker.heard.clear());
        for (int rank = 3; rank >= 0; rank--) {
            bench.workers.get("w" + rank % 2).load(1, 0, rank, group(rank), "latest");
        }
        bench.run();
        loadInGroups(LoadTest::group);

        assertThat(decided())
                .hasSizeGreaterThanOrEqualTo(4)
                .allMatch(told -> step(told).value() == 7);
        assertEveryRankGetsItsOwnShardAndThatOfItsGroup();
    }

    @Test
    void other_groups_than_those_of_the_save_are_invalid_and_named() {
        a_checkpoint_of_two_groups();
        loadInGroups(rank -> Optional.of("all"));

        assertThat(decided()).hasSize(4).allSatisfy(told -> {
            assertThat(told.failure()).contains(FailureKind.INVALID);
            assertThat(told.reason()).contains("'all'").contains("ranks 0,2");
        });
    }

    private void anotherCoordinatorOfADecidedLoad() {
        a_checkpoint_of_two_groups();
        loadInGroups(LoadTest::group);
        bench.restart();
        bench.pass(Duration.ofSeconds(10));
        bench.workers.values().forEach(worker -> worker.heard.clear());
    }

    private void assertTold(FailureKind kind, String... words) {
        assertThat(decided()).singleElement().satisfies(told -> {
            assertThat(told.failure()).contains(kind);
            assertThat(told.reason()).contains(words);
        });
    }

    @Test
    void a_rank_that_asks_alone_after_the_decision_does_not_wait_for_its_group_without_end() {
        anotherCoordinatorOfADecidedLoad();
        bench.workers.get("w1").load(1, 0, 3, group(3), "latest");
        bench.pass(Duration.ofSeconds(100));
        assertThat(decided()).isEmpty();
        bench.pass(Duration.ofSeconds(21));

        assertTold(FailureKind.UNAVAILABLE, "'pp1'", "load again with all ranks");
    }

    @Test
    void a_group_of_which_the_checkpoint_names_two_ranks_is_invalid_after_the_decision_too() {
        anotherCoordinatorOfADecidedLoad();
        bench.workers.get("w0").load(1, 0, 0, Optional.of("all"), "latest");
        bench.run();
        bench.workers.values().forEach(worker -> worker.heard.clear());
        bench.workers.get("w0").load(1, 0, 2, Optional.of("all"), "latest");
        bench.run();

        assertTold(FailureKind.INVALID, "'all'", "2 are in replica group");
    }

    @Test
    void the_lowest_rank_of_a_group_cannot_load_without_it() {
        a_checkpoint_of_two_groups();
        loadInGroups(rank -> rank == 2 ? Optional.empty() : group(rank));

        assertThat(decided()).hasSize(4).allSatisfy(told -> {
            assertThat(told.failure()).contains(FailureKind.INVALID);
            assertThat(told.reason()).contains("rank 2").contains("attach it with that group");
        });
    }

    @Test
    void the_lowest_rank_of_a_group_cannot_load_without_it_after_the_decision_either() {
        anotherCoordinatorOfADecidedLoad();
        bench.workers.get("w0").load(1, 0, 2, "latest");
        bench.run();

        assertTold(FailureKind.INVALID, "rank 2", "attach it with that group");
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
    void a_load_that_ended_long_ago_is_answered_and_served_again() {
        loadAll(0, "latest");
        bench.pass(Duration.ofMinutes(5));
        assertThat(bench.ask(bench.current(), new ToCoordinator.LoadViewAsked(JobBench.JOB, new RunNumber(1), 0, null)))
                .isInstanceOfSatisfying(Answer.LoadView.class, view -> {
                    assertThat(view.decided()).isTrue();
                    assertThat(view.step()).contains(new Step(6));
                });
        bench.workers.get("w0").heard.clear();
        bench.workers.get("w0").load(1, 0, 1, "latest");
        bench.run();

        assertThat(bench.workers.get("w0").heard(ToWorker.LoadDecided.class))
                .singleElement()
                .satisfies(told -> assertThat(step(told).value()).isEqualTo(6));
    }

    @Test
    void a_load_that_failed_long_ago_has_failed() {
        bench.workers.get("w0").load(1, 0, 0, "latest");
        bench.run();
        bench.pass(Duration.ofMinutes(10));
        bench.workers.get("w1").load(1, 0, 2, "latest");
        bench.run();

        assertThat(bench.workers.get("w1").heard(ToWorker.LoadDecided.class))
                .singleElement()
                .satisfies(told -> assertThat(told.reason()).contains("did not ask"));
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
