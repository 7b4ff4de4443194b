package dev.moorage.storage;

import static dev.moorage.storage.ObjectStoreContract.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.Crc32c;
import dev.moorage.storage.ObjectStore.Created;
import dev.moorage.storage.ObjectStore.StoredObject;
import dev.moorage.storage.ObjectStore.Upload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The order of the calls is the durability: each sync that goes missing breaks a test here. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class FileStoreDurabilityTest {
    private static final Duration DEADLINE = Duration.ofMillis(200);

    @TempDir
    private Path root;

    private RecordingOps ops;
    private ObjectStore store;

    @BeforeEach
    void open() {
        ops = new RecordingOps(root);
        store = new FileStore(root, ops);
    }

    @Test
    void a_create_syncs_the_bytes_before_the_name_and_the_name_before_it_answers() throws IOException {
        assertThat(create("a/b/c", "body")).isEqualTo(new Created.Won());

        assertThat(ops.calls())
                .containsExactly(
                        "mkdir a",
                        "syncdir .",
                        "mkdir a/b",
                        "syncdir a",
                        "create a/b/c~",
                        "write a/b/c~",
                        "sync a/b/c~",
                        "link a/b/c",
                        "syncdir a/b",
                        "unlink a/b/c~");
    }

    @Test
    void an_upload_syncs_the_bytes_before_the_name_and_the_name_before_it_answers() throws IOException {
        try (Upload upload = store.upload("a/b")) {
            upload.write(bytes("one"));
            upload.write(bytes("two"));
            assertThat(ops.calls()).containsExactly("mkdir a", "syncdir .", "create a/b~", "write a/b~", "write a/b~");

            ops.forget();
            upload.commit(6, Crc32c.of(bytes("onetwo")));
            assertThat(ops.calls()).containsExactly("sync a/b~", "link a/b", "syncdir a");
        }
        assertThat(ops.calls()).endsWith("syncdir a", "unlink a/b~");
    }

    /** Otherwise nothing would move while all of a large object is made durable at its end. */
    @Test
    void a_large_upload_is_made_durable_on_the_way() throws IOException {
        ops.fate((call, effect) -> {
            if (!call.startsWith("write")) {
                effect.run();
            }
        });
        ByteBuffer half = ByteBuffer.allocateDirect((int) (TempFile.SYNC_BYTES / 2));
        try (Upload upload = store.upload("large")) {
            for (int i = 0; i < 5; i++) {
                upload.write(half.duplicate());
            }
        }

        assertThat(ops.calls())
                .containsSubsequence("write large~", "write large~", "sync so far large~", "write large~")
                .filteredOn(call -> call.startsWith("sync so far"))
                .hasSize(2);
    }

    @Test
    void directories_known_to_be_durable_are_not_synced_again() throws IOException {
        create("a/b", "x");
        ops.forget();

        create("a/c", "x");

        assertThat(ops.calls())
                .containsExactly("create a/c~", "write a/c~", "sync a/c~", "link a/c", "syncdir a", "unlink a/c~");
    }

    @Test
    void a_directory_that_another_writer_made_is_synced_too_as_that_writer_may_have_died_before() throws IOException {
        Files.createDirectories(root.resolve("a/b"));

        create("a/b/c", "x");

        assertThat(ops.calls()).startsWith("syncdir .", "syncdir a", "create a/b/c~");
    }

    @Test
    void a_directory_that_was_removed_and_made_again_is_synced_again() throws IOException {
        create("a/b", "x");
        Files.move(root.resolve("a"), root.resolve("old"));
        ops.forget();

        create("a/b", "x");

        assertThat(ops.calls()).startsWith("mkdir a", "syncdir .");
    }

    @Test
    void an_answer_of_lost_or_of_its_own_object_comes_after_a_sync_of_the_name() throws IOException {
        Files.createDirectories(root.resolve("a"));
        Files.writeString(root.resolve("a/b"), "linked, but its maker died before the sync");

        assertThat(create("a/b", "other")).isInstanceOf(Created.Lost.class);
        assertThat(ops.calls()).containsExactly("syncdir .", "syncdir a");

        ops.forget();
        assertThat(create("a/b", "linked, but its maker died before the sync")).isInstanceOf(Created.Won.class);
        assertThat(ops.calls()).containsExactly("syncdir a");
    }

    @Test
    void a_delete_syncs_its_directory() throws IOException {
        create("a/b", "x");
        ops.forget();

        store.delete("a/b");

        assertThat(ops.calls()).containsExactly("unlink a/b", "syncdir a");
    }

    @Test
    void a_new_root_is_synced_into_its_parents() {
        Stores.openForWriting(root.resolve("new/store"), ops);

        assertThat(ops.calls()).startsWith("mkdir new", "syncdir .", "mkdir new/store", "syncdir new");
    }

    @Test
    void a_failed_sync_of_bytes_is_final_and_nothing_is_visible() throws IOException {
        ops.fail(call -> call.startsWith("sync "), new IOException("Input/output error"));

        assertThatThrownBy(() -> create("a/b", "body")).hasMessageContaining("Input/output error");
        try (Upload upload = store.upload("a/c")) {
            upload.write(bytes("body"));
            assertThatThrownBy(() -> upload.commit(4, Crc32c.of(bytes("body"))))
                    .hasMessageContaining("Input/output error");
            assertThatThrownBy(() -> upload.commit(4, Crc32c.of(bytes("body")))).hasMessageContaining("has ended");
        }

        assertThat(ops.calls()).filteredOn(call -> call.equals("sync a/b~")).hasSize(1);
        assertThat(ops.calls()).filteredOn(call -> call.equals("sync a/c~")).hasSize(1);
        assertThat(ops.calls()).noneMatch(call -> call.startsWith("link"));
        assertThat(files()).isEmpty();
    }

    @Test
    void a_name_that_is_made_but_not_synced_is_in_doubt_and_stays() throws IOException {
        create("a/first", "x");
        ops.fail(call -> call.equals("syncdir a"), new IOException("Input/output error"));

        assertThat(create("a/b", "body"))
                .isInstanceOfSatisfying(
                        Created.Unknown.class,
                        unknown -> assertThat(unknown.reason()).contains("a/b").contains("Input/output error"));
        assertThat(create("a/b", "other")).isInstanceOf(Created.Unknown.class);
        try (Upload upload = store.upload("a/c")) {
            upload.write(bytes("body"));
            assertThatThrownBy(() -> upload.commit(4, Crc32c.of(bytes("body"))))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("may not survive");
        }

        assertThat(files()).containsExactly("a/b", "a/c", "a/first");
    }

    @Test
    void a_link_whose_answer_was_lost_is_recognised() throws IOException {
        ops.fate((call, effect) -> {
            effect.run();
            if (call.startsWith("link")) {
                throw new FileSystemException("a", "b", "Stale file handle");
            }
        });

        assertThat(create("a/b", "body")).isEqualTo(new Created.Won());
        try (Upload upload = store.upload("a/c")) {
            upload.commit(0, Crc32c.EMPTY);
        }
        assertThat(files()).containsExactly("a/b", "a/c");
        assertThat(ops.calls()).filteredOn(call -> call.equals("syncdir a")).hasSize(2);
    }

    @Test
    void a_link_repeated_by_the_file_system_meets_its_own_name_and_is_recognised() throws IOException {
        ops.fate((call, effect) -> {
            effect.run();
            if (call.startsWith("link")) {
                effect.run();
            }
        });

        try (Upload upload = store.upload("a/c")) {
            upload.commit(0, Crc32c.EMPTY);
        }
        assertThat(files()).containsExactly("a/c");
    }

    @Test
    void a_link_without_a_clear_answer_is_in_doubt() throws IOException {
        ops.fail(call -> call.startsWith("link"), new FileSystemException("a", "b", "Connection timed out"));

        assertThat(create("a/b", "body")).isInstanceOf(Created.Unknown.class);
        assertThat(files()).isEmpty();
    }

    @Test
    void a_lost_race_whose_sync_fails_is_in_doubt() throws IOException {
        ops.fate((call, effect) -> {
            if (call.equals("link a/b")) {
                // Another writer is first, and the sync that must come before the answer fails.
                Files.writeString(root.resolve("a/b"), "theirs");
                ops.fail(later -> later.equals("syncdir a"), new IOException("Input/output error"));
            }
            effect.run();
        });

        assertThat(create("a/b", "body")).isInstanceOf(Created.Unknown.class);
    }

    @Test
    void whatever_call_it_dies_at_only_whole_objects_are_there_and_the_next_create_decides() throws IOException {
        int calls = callsOfOneCreate();
        assertThat(calls).isEqualTo(10);
        for (int last = 0; last < calls; last++) {
            String key = "die" + last + "/b/c";
            dieAfter(last);
            assertThatThrownBy(() -> create(key, "the whole body")).isInstanceOf(Died.class);

            ObjectStore reopened = new FileStore(root, new FileOps());
            try {
                assertThat(reopened.readAll(key, 100)).as("died after " + last).isEqualTo(bytes("the whole body"));
            } catch (NoSuchFileException absent) {
                assertThat(last).as("calls before the name is there").isLessThan(8);
            }
            Created next = reopened.createOnce(key, bytes("the next body"), DEADLINE);
            assertThat(next).isEqualTo(last < 8 ? new Created.Won() : new Created.Lost(bytes("the whole body")));
            try (Stream<StoredObject> listed = reopened.list("die" + last)) {
                assertThat(listed.map(StoredObject::key)).containsExactly(key);
            }
            try (var open = reopened.listOpenUploads("die" + last)) {
                for (var leftover : open.toList()) {
                    assertThat(leftover.key()).isEqualTo(key);
                    reopened.abortUpload(leftover);
                }
            }
        }
        assertThat(files()).hasSize(calls + 1).noneMatch(name -> name.contains(".tmp-"));
    }

    /** The process is gone: no clean-up either. */
    private static final class Died extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    private int callsOfOneCreate() throws IOException {
        create("count/b/c", "x");
        return ops.calls().size();
    }

    private void dieAfter(int last) {
        AtomicInteger left = new AtomicInteger(last);
        ops.fate((call, effect) -> {
            if (left.getAndDecrement() <= 0) {
                throw new Died();
            }
            effect.run();
        });
    }

    private Created create(String key, String body) throws IOException {
        return store.createOnce(key, bytes(body), DEADLINE);
    }

    private List<String> files() throws IOException {
        try (Stream<Path> paths = Files.walk(root)) {
            return paths.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }
}
