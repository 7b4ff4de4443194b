package dev.moorage.coordinator.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.storage.BlockingIo;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class StoreReadsTest {
    private final Deque<Runnable> threads = new ArrayDeque<>();

    private StoreReads reads(Duration deadline) {
        return new StoreReads(new BlockingIo(threads::add), deadline);
    }

    private static FailureKind failure(CompletionStage<?> read) {
        try {
            read.toCompletableFuture().join();
            throw new AssertionError("it was read");
        } catch (CompletionException failed) {
            return ((CheckpointException) failed.getCause()).kind();
        }
    }

    @Test
    void what_is_read_and_what_fails_is_passed_on() {
        StoreReads reads = reads(Duration.ofMinutes(1));
        CompletionStage<String> read = reads.call(stillWanted -> "a list");
        CompletionStage<String> failed = reads.call(stillWanted -> {
            throw CheckpointException.notFound("no such step");
        });
        threads.forEach(Runnable::run);

        assertThat(read.toCompletableFuture().join()).isEqualTo("a list");
        assertThat(failure(failed)).isEqualTo(FailureKind.NOT_FOUND);
    }

    @Test
    void a_read_that_is_late_is_unavailable_and_is_not_begun_any_more() {
        boolean[] begun = new boolean[1];
        CompletionStage<Boolean> read = reads(Duration.ofMillis(20)).call(stillWanted -> begun[0] = true);

        assertThat(failure(read)).isEqualTo(FailureKind.UNAVAILABLE);
        threads.forEach(Runnable::run);
        assertThat(begun[0]).isFalse();
    }

    @Test
    void a_read_that_is_late_is_told_so_before_its_next_object() {
        List<String> objects = new ArrayList<>();
        CompletionStage<Object> read = reads(Duration.ofMillis(200)).call(stillWanted -> {
            stillWanted.run();
            objects.add("in time");
            awaitLate();
            stillWanted.run();
            objects.add("for nobody");
            return objects;
        });
        threads.poll().run();

        assertThat(failure(read)).isEqualTo(FailureKind.UNAVAILABLE);
        assertThat(objects).containsExactly("in time");
    }

    private static void awaitLate() {
        long end = System.nanoTime() + Duration.ofMillis(250).toNanos();
        while (System.nanoTime() < end) {
            Thread.onSpinWait();
        }
    }

    @Test
    void more_reads_than_may_wait_are_refused_at_once_until_one_has_ended() {
        StoreReads reads = reads(Duration.ofMinutes(1));
        for (int i = 0; i < StoreReads.UNDER_WAY_MAX; i++) {
            assertThat(reads.call(stillWanted -> "a list").toCompletableFuture())
                    .isNotDone();
        }
        assertThatThrownBy(() -> reads.call(stillWanted -> "one more")).hasMessageContaining("takes no more");
        threads.poll().run();

        assertThat(reads.call(stillWanted -> "one more").toCompletableFuture()).isNotDone();
    }
}
