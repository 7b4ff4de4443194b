package dev.moorage.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.moorage.protocol.Crc32c;
import dev.moorage.storage.ObjectStore.Created;
import dev.moorage.storage.ObjectStore.OpenUpload;
import dev.moorage.storage.ObjectStore.Upload;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** The part of the contract that many threads and bad keys try. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
public interface StoreRacesContract {
    int THREADS = 32;

    /** Keys that no store takes. */
    List<String> BAD_KEYS = List.of(
            "",
            "/",
            "/a",
            "a/",
            "a//b",
            ".",
            "..",
            "../a",
            "a/..",
            "a/../b",
            "a/./b",
            ".tmp-x",
            "a/.tmp-0/b",
            "a b",
            "a\\b",
            "a\0b",
            "a\nb",
            "%2e%2e/a",
            "ä",
            "a:b",
            "a".repeat(201),
            "a/".repeat(450) + "b");

    /** An empty store, the same one during one test. */
    ObjectStore store();

    @Test
    default void of_many_creates_exactly_one_wins_and_all_agree_on_it() throws Exception {
        for (int round = 0; round < 8; round++) {
            String key = "race/" + round + "/manifest";
            List<Created> answers = all(i -> store().createOnce(key, body(i), Duration.ofSeconds(30)));

            ByteBuffer there = store().readAll(key, 100);
            assertThat(answers)
                    .filteredOn(answer -> answer instanceof Created.Won)
                    .hasSize(1);
            int winner = answers.indexOf(new Created.Won());
            assertThat(there).isEqualTo(body(winner));
            assertThat(answers)
                    .filteredOn(answer -> !(answer instanceof Created.Won))
                    .hasSize(THREADS - 1)
                    .allMatch(answer -> answer.equals(new Created.Lost(there)));
        }
        try (var open = store().listOpenUploads("")) {
            assertThat(open).isEmpty();
        }
    }

    @Test
    default void of_many_uploads_of_one_key_exactly_one_is_committed() throws Exception {
        List<Boolean> committed = all(i -> {
            try (Upload upload = store().upload("race/shard")) {
                upload.write(body(i));
                upload.commit(body(i).remaining(), Crc32c.of(body(i)));
                return true;
            } catch (FileAlreadyExistsException taken) {
                return false;
            }
        });

        assertThat(committed).filteredOn(won -> won).hasSize(1);
        assertThat(store().readAll("race/shard", 100)).isEqualTo(body(committed.indexOf(true)));
    }

    @Test
    default void bad_keys_are_refused_by_every_call() {
        ByteBuffer body = ByteBuffer.allocate(1);
        for (String key : BAD_KEYS) {
            assertThatIllegalArgumentException().as(key).isThrownBy(() -> store().upload(key));
            assertThatIllegalArgumentException()
                    .as(key)
                    .isThrownBy(() -> store().createOnce(key, body, Duration.ofSeconds(1)));
            assertThatIllegalArgumentException().as(key).isThrownBy(() -> store().read(key, 0, body));
            assertThatIllegalArgumentException().as(key).isThrownBy(() -> store().stat(key));
            assertThatIllegalArgumentException().as(key).isThrownBy(() -> store().delete(key));
            assertThatIllegalArgumentException()
                    .as(key)
                    .isThrownBy(() -> store().abortUpload(new OpenUpload(key, "x")));
        }
    }

    @Test
    default void bad_prefixes_are_refused_by_every_listing() {
        for (String prefix : List.of("/", "/a", "a//", "../", "a/../", ".tmp-x/", "a b", "a\0/", "ä/", "a\\")) {
            assertThatIllegalArgumentException().as(prefix).isThrownBy(() -> store().list(prefix));
            assertThatIllegalArgumentException().as(prefix).isThrownBy(() -> store().children(prefix));
            assertThatIllegalArgumentException().as(prefix).isThrownBy(() -> store().listOpenUploads(prefix));
        }
    }

    @Test
    default void a_refused_key_cannot_forge_a_log_line() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store().stat("a\n2026 INFO all is well"))
                .withMessageContaining("\\u000a")
                .withMessageNotContaining("\n");
    }

    /** One task of many that run at the same time. */
    interface Numbered<T> {
        T run(int number) throws Exception;
    }

    private static ByteBuffer body(int number) {
        return ObjectStoreContract.bytes("nonce of thread " + number);
    }

    private static <T> List<T> all(Numbered<T> task) throws Exception {
        CyclicBarrier start = new CyclicBarrier(THREADS);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Callable<T>> tasks = new ArrayList<>();
            for (int i = 0; i < THREADS; i++) {
                int number = i;
                tasks.add(() -> {
                    start.await();
                    return task.run(number);
                });
            }
            List<T> answers = new ArrayList<>();
            for (Future<T> future : threads.invokeAll(tasks)) {
                answers.add(future.get());
            }
            return answers;
        } finally {
            threads.shutdown();
        }
    }
}
