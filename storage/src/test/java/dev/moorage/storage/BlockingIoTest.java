package dev.moorage.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class BlockingIoTest {
    private final Deque<Runnable> threads = new ArrayDeque<>();
    private final BlockingIo io = new BlockingIo(threads::add);

    @Test
    void work_runs_on_the_threads_and_its_answer_comes_from_there() {
        CompletableFuture<String> answer = io.call(() -> "read").toCompletableFuture();
        assertThat(answer).isNotDone();

        threads.remove().run();

        assertThat(answer).isCompletedWithValue("read");
    }

    @Test
    void a_failure_arrives_as_it_was_thrown() {
        IOException failure = new IOException("no such store");
        Throwable[] seen = new Throwable[1];
        io.call(() -> {
                    throw failure;
                })
                .whenComplete((answer, thrown) -> seen[0] = thrown);

        threads.remove().run();

        assertThat(seen[0]).isSameAs(failure);
    }
}
