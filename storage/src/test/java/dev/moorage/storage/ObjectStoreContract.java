package dev.moorage.storage;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.Crc32c;
import dev.moorage.storage.ObjectStore.Created;
import dev.moorage.storage.ObjectStore.OpenUpload;
import dev.moorage.storage.ObjectStore.StoredObject;
import dev.moorage.storage.ObjectStore.Upload;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** What every store does. A new store is done when a class that implements this passes. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
public interface ObjectStoreContract {
    /** An empty store, the same one during one test. */
    ObjectStore store();

    @Test
    default void an_upload_is_visible_whole_and_only_after_its_commit() throws IOException {
        try (Upload upload = store().upload("job/steps/1/shard.bin")) {
            upload.write(bytes("hello, "));
            assertNothingVisible("job/steps/1/shard.bin");
            upload.write(bytes("world"));
            assertNothingVisible("job/steps/1/shard.bin");

            upload.commit(12, Crc32c.of(bytes("hello, world")));

            assertThat(text("job/steps/1/shard.bin")).isEqualTo("hello, world");
            assertThat(list("")).containsExactly(new StoredObject("job/steps/1/shard.bin", 12));
        }
        assertThat(text("job/steps/1/shard.bin")).isEqualTo("hello, world");
        assertThat(open("")).isEmpty();
    }

    @Test
    default void closing_without_commit_discards() throws IOException {
        try (Upload upload = store().upload("a/b")) {
            upload.write(bytes("half"));
        }

        assertNothingVisible("a/b");
        assertThat(open("")).isEmpty();
    }

    @Test
    default void a_commit_with_another_size_is_refused() throws IOException {
        try (Upload upload = store().upload("a/b")) {
            upload.write(bytes("hello"));

            assertThatThrownBy(() -> upload.commit(4, Crc32c.of(bytes("hello"))))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("a/b")
                    .hasMessageContaining("expected 4 bytes");
        }
        assertNothingVisible("a/b");
        assertThat(open("")).isEmpty();
    }

    @Test
    default void a_commit_with_another_sum_is_refused() throws IOException {
        try (Upload upload = store().upload("a/b")) {
            upload.write(bytes("hello"));

            assertThatThrownBy(() -> upload.commit(5, Crc32c.of(bytes("hellO"))))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("a/b")
                    .hasMessageContaining(Crc32c.of(bytes("hellO")).toString());
        }
        assertNothingVisible("a/b");
        assertThat(open("")).isEmpty();
    }

    @Test
    default void an_upload_never_replaces_an_object() throws IOException {
        put("a/b", "first");
        try (Upload upload = store().upload("a/b")) {
            upload.write(bytes("second"));

            assertThatThrownBy(() -> upload.commit(6, Crc32c.of(bytes("second"))))
                    .isInstanceOf(FileAlreadyExistsException.class)
                    .hasMessageContaining("a/b");
        }
        assertThat(text("a/b")).isEqualTo("first");
    }

    @Test
    default void an_upload_ends_with_its_commit() throws IOException {
        try (Upload upload = store().upload("a/b")) {
            upload.commit(0, Crc32c.EMPTY);

            assertThatThrownBy(() -> upload.write(bytes("late"))).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> upload.commit(0, Crc32c.EMPTY)).isInstanceOf(IOException.class);
        }
        assertThat(store().stat("a/b").bytes()).isZero();
    }

    @Test
    default void objects_may_be_empty() throws IOException {
        put("empty/upload", "");
        assertThat(create("empty/created", "")).isEqualTo(new Created.Won());

        assertThat(list("")).containsExactly(new StoredObject("empty/created", 0), new StoredObject("empty/upload", 0));
        assertThat(text("empty/upload")).isEmpty();
        assertThatThrownBy(() -> store().read("empty/upload", 0, ByteBuffer.allocate(1)))
                .isInstanceOf(EOFException.class);
    }

    @Test
    default void uploads_take_direct_and_read_only_buffers_and_empty_ones() throws IOException {
        try (Upload upload = store().upload("a")) {
            upload.write(ByteBuffer.allocateDirect(3).put(bytes("abc")).flip());
            upload.write(ByteBuffer.allocate(0));
            ByteBuffer readOnly = bytes("xdefx").slice(1, 3).asReadOnlyBuffer();
            upload.write(readOnly);
            assertThat(readOnly.hasRemaining()).isFalse();
            upload.commit(6, Crc32c.of(bytes("abcdef")));
        }
        assertThat(text("a")).isEqualTo("abcdef");
        ByteBuffer direct = ByteBuffer.allocateDirect(4);
        store().read("a", 2, direct);
        assertThat(direct.flip()).isEqualTo(bytes("cdef"));
    }

    @Test
    default void the_first_create_wins_and_others_are_told_what_is_there() throws IOException {
        ByteBuffer body = bytes("first nonce");
        assertThat(store().createOnce("job/manifest", body, SHORT)).isEqualTo(new Created.Won());
        assertThat(body.remaining()).as("the body's position stays").isEqualTo(11);

        assertThat(create("job/manifest", "second nonce")).isEqualTo(new Created.Lost(bytes("first nonce")));
        assertThat(create("job/manifest", "first nonce, and more")).isEqualTo(new Created.Lost(bytes("first nonce")));
        assertThat(text("job/manifest")).isEqualTo("first nonce");
        assertThat(list("")).containsExactly(new StoredObject("job/manifest", 11));
        assertThat(open("")).isEmpty();
    }

    @Test
    default void a_repeated_create_knows_its_own_object() throws IOException {
        assertThat(create("a", "my nonce")).isEqualTo(new Created.Won());
        assertThat(create("a", "my nonce")).isEqualTo(new Created.Won());
    }

    @Test
    default void a_created_body_belongs_to_the_store() throws IOException {
        ByteBuffer body = bytes("stays");
        store().createOnce("a", body, SHORT);
        body.put(0, (byte) 'X');

        assertThat(text("a")).isEqualTo("stays");
        Created lost = create("a", "other");
        assertThat(((Created.Lost) lost).existing().isReadOnly()).isTrue();
    }

    @Test
    default void a_body_over_64_MiB_is_refused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store().createOnce("a", ByteBuffer.allocate((64 << 20) + 1), SHORT))
                .withMessageContaining("67108864");
    }

    @Test
    default void reads_any_range() throws IOException {
        put("a", "0123456789");

        assertThat(range("a", 0, 10)).isEqualTo("0123456789");
        assertThat(range("a", 3, 4)).isEqualTo("3456");
        assertThat(range("a", 9, 1)).isEqualTo("9");
        assertThat(range("a", 10, 0)).isEmpty();
    }

    @Test
    default void a_read_beyond_the_end_is_never_short_data() throws IOException {
        put("a", "0123456789");

        assertThatThrownBy(() -> range("a", 8, 3))
                .isInstanceOf(EOFException.class)
                .hasMessageContaining("a ends at 10");
        assertThatThrownBy(() -> range("a", 10, 1)).isInstanceOf(EOFException.class);
        assertThatThrownBy(() -> range("a", Long.MAX_VALUE, 1)).isInstanceOf(IOException.class);
        assertThatIllegalArgumentException().isThrownBy(() -> range("a", -1, 1));
    }

    @Test
    default void what_is_not_there_is_no_such_file() throws IOException {
        put("a/b", "x");
        for (String key : List.of("b", "a", "a/c", "c/d/e")) {
            assertThatThrownBy(() -> range(key, 0, 1)).as(key).isInstanceOf(NoSuchFileException.class);
            assertThatThrownBy(() -> range(key, 0, 0)).as(key).isInstanceOf(NoSuchFileException.class);
            assertThatThrownBy(() -> store().stat(key)).as(key).isInstanceOf(NoSuchFileException.class);
        }
    }

    @Test
    default void reads_small_objects_in_full_and_refuses_long_ones() throws IOException {
        put("a", "0123456789");

        assertThat(store().readAll("a", 10)).isEqualTo(bytes("0123456789"));
        assertThatThrownBy(() -> store().readAll("a", 9))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("10 bytes");
    }

    @Test
    default void a_sum_that_a_store_keeps_is_of_the_whole_object() throws IOException {
        put("a", "hello");
        create("b", "hello");

        store().stat("a").crc().ifPresent(crc -> assertThat(crc).isEqualTo(Crc32c.of(bytes("hello"))));
        store().stat("b").crc().ifPresent(crc -> assertThat(crc).isEqualTo(Crc32c.of(bytes("hello"))));
    }

    @Test
    default void lists_in_key_order_by_any_prefix() throws IOException {
        List<String> keys = List.of("a-b", "a.b", "a/b", "a/b-c/d", "a/b.c", "a/c/d", "a0", "b/a");
        keys.forEach(key -> put(key, key));

        assertThat(list("").stream().map(StoredObject::key)).containsExactlyElementsOf(keys);
        assertThat(list("a/b").stream().map(StoredObject::key)).containsExactly("a/b", "a/b-c/d", "a/b.c");
        assertThat(list("a/b-c/").stream().map(StoredObject::key)).containsExactly("a/b-c/d");
        assertThat(list("a/b-c/d")).containsExactly(new StoredObject("a/b-c/d", 7));
        assertThat(list("a/x")).isEmpty();
        assertThat(list("x/y/")).isEmpty();
    }

    @Test
    default void children_are_the_distinct_next_segments() throws IOException {
        Stream.of("job/steps/2/a1/x", "job/steps/10/a1/x", "job/steps/10/a2/x", "job/state", "job.b/x")
                .forEach(key -> put(key, "x"));

        assertThat(store().children("")).containsExactly("job", "job.b");
        assertThat(store().children("job/")).containsExactly("state", "steps");
        assertThat(store().children("job/steps/")).containsExactly("10", "2");
        assertThat(store().children("job/steps/10/")).containsExactly("a1", "a2");
        assertThat(store().children("none/")).isEmpty();
        assertThatIllegalArgumentException().isThrownBy(() -> store().children("job"));
    }

    @Test
    default void a_deleted_object_is_gone_and_its_folder_is_not_seen() throws IOException {
        put("job/steps/1/x", "x");

        store().delete("job/steps/1/x");
        store().delete("job/steps/1/x");
        store().delete("never/was");

        assertNothingVisible("job/steps/1/x");
        assertThat(store().children("")).isEmpty();
        assertThat(create("job/steps/1/x", "again")).isEqualTo(new Created.Won());
    }

    @Test
    default void open_uploads_are_listed_and_can_be_aborted() throws IOException {
        try (Upload first = store().upload("job/a");
                Upload second = store().upload("job/b/c")) {
            first.write(bytes("x"));
            second.write(bytes("y"));
            assertThat(open("").stream().map(OpenUpload::key)).containsExactly("job/a", "job/b/c");
            assertThat(open("job/b").stream().map(OpenUpload::key)).containsExactly("job/b/c");
            assertThat(open("other/")).isEmpty();

            OpenUpload aborted = open("job/a").get(0);
            store().abortUpload(aborted);
            store().abortUpload(aborted);

            assertThat(open("").stream().map(OpenUpload::key)).containsExactly("job/b/c");
            assertThatThrownBy(() -> first.commit(1, Crc32c.of(bytes("x")))).isInstanceOf(IOException.class);
            assertNothingVisible("job/a");
        }
    }

    @Test
    default void aborting_never_touches_a_committed_object() throws IOException {
        OpenUpload open;
        try (Upload upload = store().upload("job/a")) {
            open = open("").get(0);
            upload.write(bytes("x"));
            upload.commit(1, Crc32c.of(bytes("x")));
            store().abortUpload(open);
        }
        store().abortUpload(open);

        assertThat(text("job/a")).isEqualTo("x");
    }

    Duration SHORT = Duration.ofSeconds(10);

    static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(UTF_8));
    }

    default Created create(String key, String body) throws IOException {
        return store().createOnce(key, bytes(body), SHORT);
    }

    default void put(String key, String body) {
        try (Upload upload = store().upload(key)) {
            ByteBuffer bytes = bytes(body);
            upload.write(bytes.duplicate());
            upload.commit(bytes.remaining(), Crc32c.of(bytes));
        } catch (IOException failure) {
            throw new AssertionError(failure);
        }
    }

    default String range(String key, long position, int length) throws IOException {
        ByteBuffer target = ByteBuffer.allocate(length);
        store().read(key, position, target);
        return UTF_8.decode(target.flip()).toString();
    }

    default String text(String key) throws IOException {
        return range(key, 0, (int) store().stat(key).bytes());
    }

    default List<StoredObject> list(String prefix) throws IOException {
        try (Stream<StoredObject> objects = store().list(prefix)) {
            return objects.toList();
        }
    }

    default List<OpenUpload> open(String prefix) throws IOException {
        try (Stream<OpenUpload> uploads = store().listOpenUploads(prefix)) {
            return uploads.toList();
        }
    }

    default void assertNothingVisible(String key) throws IOException {
        assertThat(list("")).isEmpty();
        assertThat(store().children("")).isEmpty();
        assertThatThrownBy(() -> store().stat(key)).isInstanceOf(NoSuchFileException.class);
        assertThatThrownBy(() -> range(key, 0, 0)).isInstanceOf(NoSuchFileException.class);
    }
}
