package dev.moorage.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.checkpoint.Layout;
import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.CheckpointState;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToWorker;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** The register of an attempt holds something that cannot be read: its outcome is unknown, and nothing may be made up. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class UnreadableOutcomeTest {
    private final JobBench bench = new JobBench();

    @BeforeEach
    void two_attempts_whose_registers_are_damaged() {
        bench.fourRanks();
        bench.workers.get("w1").uploads = false;
        for (int step = 5; step <= 6; step++) {
            bench.stageFour(step, VerifyDepth.NONE);
            write(register(step), "neither committed nor aborted");
            bench.cancel(step);
        }
        bench.workers.get("w1").uploads = true;
    }

    @AfterEach
    void close() {
        bench.close();
    }

    private static String register(long step) {
        return Layout.manifest(attempt(step));
    }

    private static AttemptId attempt(long step) {
        return new CheckpointId(JobBench.JOB, new Step(step)).attempt(1);
    }

    private void write(String key, String object) {
        ByteBuffer body = ByteBuffer.wrap(object.getBytes(StandardCharsets.UTF_8));
        bench.memory.createOnce(key, body, Duration.ofSeconds(1));
    }

    @Test
    void the_places_of_the_job_go_to_other_steps() {
        bench.stageFour(7, VerifyDepth.NONE);

        assertThat(bench.view(7).state()).isEqualTo(CheckpointState.COMMITTED);
    }

    @Test
    void whoever_asks_is_told_the_key_and_no_outcome() {
        assertThat(bench.save(5)).isInstanceOfSatisfying(Answer.Refused.class, refused -> {
            assertThat(refused.kind()).isEqualTo(FailureKind.CORRUPT);
            assertThat(refused.message()).contains(register(5)).contains("put the object back");
        });
        bench.pass(Duration.ofMinutes(5));
        bench.save(5);

        assertThat(bench.workers.values())
                .allSatisfy(worker ->
                        assertThat(worker.heard(ToWorker.OutcomeTold.class)).isEmpty());
        assertThat(bench.memory.children(Layout.step(attempt(5).checkpoint()))).hasSize(1);
    }

    @Test
    void a_register_that_was_put_right_is_closed_and_told() {
        bench.memory.delete(register(5));
        bench.pass(Duration.ofMinutes(1));

        assertThat(bench.view(5).state()).isEqualTo(CheckpointState.ABORTED);
        assertThat(bench.workers.get("w0").heard(ToWorker.OutcomeTold.class))
                .isNotEmpty()
                .allSatisfy(told -> assertThat(told.committed()).isFalse());
    }

    @Test
    void a_coordinator_that_comes_after_says_the_same_and_is_not_blocked_either() {
        bench.restart();
        bench.pass(Duration.ofSeconds(10));
        bench.stageFour(7, VerifyDepth.NONE);

        assertThat(bench.view(7).state()).isEqualTo(CheckpointState.COMMITTED);
        assertThat(bench.save(5))
                .isInstanceOfSatisfying(
                        Answer.Refused.class,
                        refused -> assertThat(refused.kind()).isEqualTo(FailureKind.CORRUPT));
    }
}
