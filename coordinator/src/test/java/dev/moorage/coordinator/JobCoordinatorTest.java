package dev.moorage.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.checkpoint.ManifestLog;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.storage.FaultyStore;
import dev.moorage.storage.MemoryStore;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** Lives and ends of the actor, as its shard sees them. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class JobCoordinatorTest {
    private static final JobName JOB = new JobName("lives");

    private final MemoryStore memory = new MemoryStore();
    private final FaultyStore store = new FaultyStore(memory);
    private final ManifestLog truth = new ManifestLog(memory, () -> 0);
    private final ClusterBench bench = new ClusterBench(store);
    private final FakeWorker worker = bench.worker("w0", JOB);

    @AfterEach
    void close() {
        bench.close();
    }

    private Optional<Manifest> outcome(long step) {
        return truth.outcome(new CheckpointId(JOB, new Step(step)).attempt(1));
    }

    private void openRun() {
        worker.openRun("token", 1);
        ClusterBench.await(() -> !worker.heard(ToWorker.RunOpened.class).isEmpty());
    }

    private void view(long step, TestProbe<Answer> asker) {
        bench.tell(JOB, new ToCoordinator.SaveViewAsked(JOB, new Step(step), asker.getRef()));
    }

    @Test
    void one_that_ended_by_a_bug_is_followed_by_another_that_goes_on_from_the_store() {
        openRun();
        worker.uploads = false;
        worker.stage(1, 5, 0);
        ClusterBench.await(() -> !worker.heard(ToWorker.AssignPart.class).isEmpty());
        bench.clockFails = Optional.of(new IllegalStateException("a bug"));
        ClusterBench.await(() -> bench.coordinated().isEmpty());
        bench.clockFails = Optional.empty();
        assertThat(outcome(5)).isEmpty();

        worker.uploads = true;
        worker.register();

        ClusterBench.await(() -> outcome(5).isPresent());
        assertThat(outcome(5)).containsInstanceOf(Manifest.Committed.class);
        assertThat(bench.coordinated()).containsExactly(JOB.value());
    }

    @Test
    void whoever_waits_for_one_that_ends_by_a_bug_is_told_to_try_again() {
        CountDownLatch late = new CountDownLatch(1);
        store.before(FaultyStore.Operation.CHILDREN, "", FaultyStore.ALWAYS, () -> await(late));
        store.before(FaultyStore.Operation.LIST, "", FaultyStore.ALWAYS, () -> await(late));
        TestProbe<Answer> asker = bench.kit.createTestProbe();
        view(7, asker);
        asker.expectNoMessage(Duration.ofMillis(200));

        bench.clockFails = Optional.of(new IllegalStateException("a bug"));

        Answer.Refused told = (Answer.Refused) asker.receiveMessage();
        bench.clockFails = Optional.empty();
        late.countDown();
        assertThat(told.kind()).isEqualTo(FailureKind.UNAVAILABLE);
        assertThat(told.message()).contains("try again");
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void a_bug_in_the_store_is_a_failure_like_any_other_and_tried_again() {
        openRun();
        store.before(FaultyStore.Operation.CREATE, "intent.json", 2, () -> {
            throw new IllegalStateException("a bug in the store");
        });
        worker.stage(1, 5, 0);

        ClusterBench.await(() -> outcome(5).isPresent());
        assertThat(outcome(5)).containsInstanceOf(Manifest.Committed.class);
    }

    @Test
    void one_without_workers_and_work_stops_and_comes_back_when_it_is_asked() {
        openRun();
        worker.stage(1, 5, 0);
        ClusterBench.await(() -> outcome(5).isPresent());

        bench.later = Duration.ofHours(2).toMillis();
        ClusterBench.await(() -> bench.coordinated().isEmpty());

        TestProbe<Answer> asker = bench.kit.createTestProbe();
        view(5, asker);
        assertThat(asker.receiveMessage()).isInstanceOf(Answer.SaveView.class);
        assertThat(bench.coordinated()).containsExactly(JOB.value());
    }

    @Test
    void one_with_an_open_attempt_does_not_stop_however_long_its_store_refuses_to_close_it() {
        openRun();
        worker.uploads = false;
        store.before(FaultyStore.Operation.CREATE, "manifest.json", FaultyStore.ALWAYS, () -> {
            throw CheckpointException.unavailable("the store is away");
        });
        worker.stage(1, 5, 0);
        ClusterBench.await(() -> !worker.heard(ToWorker.AssignPart.class).isEmpty());

        for (int hours = 2; hours < 20; hours++) {
            bench.later = Duration.ofHours(hours).toMillis();
            TestProbe<Answer> soon = bench.kit.createTestProbe();
            soon.expectNoMessage(Duration.ofMillis(100));
            assertThat(bench.coordinated()).containsExactly(JOB.value());
        }

        store.heal();
        ClusterBench.await(() -> outcome(5).isPresent());
        assertThat(outcome(5)).containsInstanceOf(Manifest.Aborted.class);
        bench.later = Duration.ofHours(30).toMillis();
        ClusterBench.await(() -> bench.coordinated().isEmpty());
    }
}
