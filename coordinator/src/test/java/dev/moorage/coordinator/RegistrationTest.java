package dev.moorage.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.coordinator.core.JobEvent;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.storage.FaultyStore.Operation;
import dev.moorage.storage.MemoryStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RegistrationTest {
    private final JobBench bench = new JobBench();

    @AfterEach
    void close() {
        bench.close();
    }

    @Test
    void a_worker_is_challenged_once_in_each_life_of_the_coordinator() {
        bench.start();
        FakeWorker worker = bench.join("w0");
        bench.pass(Duration.ofSeconds(20));

        assertThat(worker.heard(ToWorker.Challenge.class)).hasSize(1);
        assertThat(worker.heard(ToWorker.Registered.class)).hasSize(5);
        assertThat(bench.memory.list(".moorage/challenge/")).isEmpty();
    }

    @Test
    void a_worker_with_another_store_is_refused() {
        bench.start();
        FakeWorker stranger = new FakeWorker("w0", JobBench.JOB, new MemoryStore(), message -> {}) {
            @Override
            void hear(ToWorker message) {
                if (message instanceof ToWorker.Challenge challenge) {
                    answerWithoutLooking(challenge);
                }
                heard.add(message);
            }
        };
        stranger.coordinator = bench::toAll;
        bench.workers.put("w0", stranger);
        stranger.register();
        bench.run();

        assertThat(stranger.heard(ToWorker.Registered.class)).isEmpty();
        assertThat(stranger.heard(ToWorker.RegistrationRefused.class))
                .singleElement()
                .satisfies(refused -> assertThat(refused.reason()).contains("same store"));
    }

    @Test
    void what_an_unregistered_worker_says_is_dropped() {
        bench.start();
        FakeWorker worker = new FakeWorker("w0", JobBench.JOB, bench.memory, bench::toAll);
        worker.openRun("t", 1);
        worker.stage(1, 5, 0);
        bench.run();

        assertThat(bench.current().machine.dropped()).isEqualTo(2);
        assertThat(bench.outcomes(5)).isEmpty();
    }

    @Test
    void a_new_life_of_a_worker_replaces_the_old_one() {
        bench.start();
        FakeWorker old = bench.join("w0");
        FakeWorker fresh = bench.join("w0");
        bench.workers.put("zombie", old);
        old.register();
        bench.run();

        assertThat(fresh.heard(ToWorker.Registered.class)).isNotEmpty();
        assertThat(old.heard(ToWorker.RegistrationRefused.class)).hasSize(1);
    }

    @Test
    void of_two_lives_that_are_challenged_at_once_the_newer_one_stays() {
        bench.start();
        FakeWorker old = new FakeWorker("w0", JobBench.JOB, bench.memory, bench::toAll);
        bench.workers.put("zombie", old);
        List<ToCoordinator> held = new ArrayList<>();
        old.coordinator = message -> {
            if (message instanceof ToCoordinator.ChallengeAnswered) {
                held.add(message);
            } else {
                bench.toAll(message);
            }
        };
        old.register();
        bench.run();
        FakeWorker fresh = bench.join("w0");
        assertThat(held).isNotEmpty();
        held.forEach(bench::toAll);
        bench.run();
        bench.pass(Duration.ofSeconds(10));

        assertThat(fresh.heard(ToWorker.RegistrationRefused.class)).isEmpty();
        assertThat(old.heard(ToWorker.Registered.class)).isEmpty();
        assertThat(old.heard(ToWorker.RegistrationRefused.class)).isNotEmpty();
    }

    @Test
    void a_question_that_finds_too_many_before_it_is_answered_at_once() {
        bench.start();
        FakeWorker worker = new FakeWorker("w0", JobBench.JOB, bench.memory, message -> {});
        ToCoordinator.Register register =
                new ToCoordinator.Register(JobBench.JOB, worker.id, worker.incarnation, "host", Optional.empty(), null);
        for (int i = 0; i < 10_000; i++) {
            bench.current().take(new JobEvent.Heard(register));
        }

        assertThat(bench.save(5)).isInstanceOfSatisfying(Answer.Refused.class, refused -> {
            assertThat(refused.kind()).isEqualTo(FailureKind.UNAVAILABLE);
            assertThat(refused.message()).contains("too many questions");
        });
    }

    @Test
    void a_token_has_one_number_whoever_asks() {
        bench.start();
        FakeWorker one = bench.join("w0");
        FakeWorker other = bench.join("w1");
        one.openRun("t", 2);
        other.openRun("t", 2);
        bench.openRun(other, "t", 2);

        assertThat(List.of(one, other))
                .allSatisfy(worker -> assertThat(worker.heard(ToWorker.RunOpened.class))
                        .isNotEmpty()
                        .allMatch(opened -> opened.run().value() == 1));
        assertThat(bench.faulty.calls(Operation.CREATE, "/state/")).isEqualTo(2);
    }

    @Test
    void a_token_with_another_world_size_is_refused() {
        bench.start();
        FakeWorker worker = bench.join("w0");
        bench.openRun(worker, "t", 2);
        bench.openRun(worker, "t", 3);

        assertThat(worker.heard(ToWorker.RunRefused.class))
                .singleElement()
                .satisfies(refused ->
                        assertThat(refused.reason()).contains("world size 2").contains("3"));
    }

    @Test
    void nobody_is_told_of_a_run_before_it_is_in_the_log() {
        bench.start();
        FakeWorker worker = bench.join("w0");
        bench.faulty.loseRequest(Operation.CREATE, "/state/", 3);
        bench.openRun(worker, "t", 1);
        assertThat(worker.heard(ToWorker.RunOpened.class)).isEmpty();
        bench.pass(Duration.ofSeconds(5));

        assertThat(worker.heard(ToWorker.RunOpened.class)).isNotEmpty();
    }

    @Test
    void a_job_without_workers_and_work_rests() {
        bench.start();
        FakeWorker worker = bench.join("w0");
        bench.pass(Duration.ofSeconds(700));
        assertThat(bench.current().machine.isIdle(bench.now)).isFalse();
        worker.dead = true;
        bench.pass(Duration.ofSeconds(620));

        assertThat(bench.current().machine.isIdle(bench.now)).isTrue();
    }

    @Test
    void a_worker_that_still_holds_an_older_run_hears_of_the_newer_one_with_each_registration() {
        bench.start();
        FakeWorker worker = bench.join("w0");
        bench.openRun(worker, "t", 1);
        bench.openRun(worker, "t-2", 1);
        worker.heard.clear();
        bench.toAll(new ToCoordinator.Register(
                JobBench.JOB, worker.id, worker.incarnation, "host-w0", Optional.of(new RunNumber(1)), worker.self));
        bench.run();

        assertThat(worker.heard(ToWorker.RunOpened.class))
                .singleElement()
                .satisfies(opened -> assertThat(opened.run().value()).isEqualTo(2));
    }
}
