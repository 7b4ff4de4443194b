package dev.moorage.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.checkpoint.Layout;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.storage.FaultyStore;
import dev.moorage.storage.FaultyStore.Operation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class BrokenLogTest {
    private static final String FIRST = Layout.state(JobBench.JOB, 1);

    private final JobBench bench = new JobBench();

    @AfterEach
    void close() {
        bench.close();
    }

    /** Somebody has saved before: the log has a claim and a run. */
    private byte[] logged() throws IOException {
        bench.fourRanks();
        byte[] entry = new byte[(int) bench.memory.stat(FIRST).bytes()];
        bench.memory.read(FIRST, 0, ByteBuffer.wrap(entry));
        return entry;
    }

    private void replace(String key, byte[] object) {
        bench.memory.delete(key);
        bench.memory.createOnce(key, ByteBuffer.wrap(object), Duration.ofSeconds(1));
    }

    private void damage(byte[] entry) {
        byte[] damaged = entry.clone();
        damaged[damaged.length / 2] ^= 1;
        replace(FIRST, damaged);
    }

    private static void assertNamesTheEntry(FailureKind kind, String reason) {
        assertThat(kind).isEqualTo(FailureKind.CORRUPT);
        assertThat(reason).contains(FIRST).contains("put the object back");
    }

    @Test
    void a_damaged_entry_refuses_saves_and_workers_at_once() throws IOException {
        damage(logged());
        bench.restart();
        FakeWorker early = new FakeWorker("w2", JobBench.JOB, bench.memory, bench::toAll);
        bench.workers.put("w2", early);
        early.register();
        Answer answer = bench.save(5);
        FakeWorker late = bench.join("w3");

        assertThat(answer)
                .isInstanceOfSatisfying(
                        Answer.Refused.class, refused -> assertNamesTheEntry(refused.kind(), refused.message()));
        assertThat(bench.save(6)).isInstanceOf(Answer.Refused.class);
        for (FakeWorker worker : List.of(early, late)) {
            assertThat(worker.heard(ToWorker.RegistrationRefused.class))
                    .singleElement()
                    .satisfies(refused -> assertNamesTheEntry(refused.kind(), refused.reason()));
        }
    }

    @Test
    void a_missing_entry_refuses_saves_and_workers_at_once() throws IOException {
        logged();
        bench.memory.delete(FIRST);
        bench.restart();
        FakeWorker worker = bench.join("w2");

        assertThat(bench.save(5)).isInstanceOf(Answer.Refused.class);
        assertThat(worker.heard(ToWorker.RegistrationRefused.class))
                .singleElement()
                .satisfies(refused -> assertNamesTheEntry(refused.kind(), refused.reason()));
    }

    @Test
    void a_log_that_was_put_right_is_gone_on_with() throws IOException {
        byte[] entry = logged();
        damage(entry);
        bench.restart();
        bench.save(5);
        replace(FIRST, entry);
        bench.pass(Duration.ofSeconds(20));

        assertThat(bench.save(5)).isInstanceOf(Answer.SaveView.class);
        assertThat(bench.join("w2").heard(ToWorker.Registered.class)).isNotEmpty();
    }

    @Test
    void an_entry_that_is_damaged_later_is_told_to_those_who_wait_for_their_run() throws IOException {
        byte[] entry = logged();
        FakeWorker worker = bench.join("w2");
        bench.start();
        bench.run();
        bench.current().stopped = true;
        damage(entry);
        worker.openRun("token-2", 4);
        bench.run();
        worker.openRun("token-3", 4);
        bench.run();

        assertThat(worker.heard(ToWorker.RunRefused.class))
                .extracting(refused -> refused.token().value())
                .contains("token-2", "token-3");
        assertThat(worker.heard(ToWorker.RunRefused.class))
                .allSatisfy(refused -> assertNamesTheEntry(refused.kind(), refused.reason()));
        assertThat(worker.heard(ToWorker.RegistrationRefused.class)).isEmpty();
    }

    @Test
    void runs_are_numbered_again_once_open_attempts_can_be_looked_for() throws IOException {
        logged();
        FakeWorker worker = bench.join("w2");
        bench.faulty.before(Operation.CHILDREN, "/steps/", 1, () -> {
            throw CheckpointException.corrupt("not to be listed");
        });
        bench.restart();
        bench.pass(Duration.ofSeconds(30));
        worker.openRun("token-2", 4);
        bench.run();

        assertThat(worker.heard(ToWorker.RunOpened.class))
                .anyMatch(opened -> opened.run().value() == 2);
    }

    @Test
    void a_store_that_does_not_answer_keeps_workers_waiting_and_refuses_questions() {
        bench.faulty.fail(Operation.CHILDREN, "/state/", FaultyStore.ALWAYS);
        bench.start();
        FakeWorker worker = new FakeWorker("w0", JobBench.JOB, bench.memory, bench::toAll);
        bench.workers.put("w0", worker);
        worker.register();

        assertThat(bench.save(5))
                .isInstanceOfSatisfying(
                        Answer.Refused.class,
                        refused -> assertThat(refused.kind()).isEqualTo(FailureKind.UNAVAILABLE));
        assertThat(worker.heard(ToWorker.RegistrationRefused.class)).isEmpty();
    }
}
