package dev.moorage.storage;

import static dev.moorage.storage.ObjectStoreContract.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.Crc32c;
import dev.moorage.storage.ObjectStore.OpenUpload;
import dev.moorage.storage.ObjectStore.Upload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file store stays below its root, whatever it finds there. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class FileStoreSafetyTest {
    private static final Duration DEADLINE = Duration.ofMillis(200);

    @TempDir
    private Path temp;

    private Path root;
    private Path outside;
    private ObjectStore store;

    @BeforeEach
    void open() throws IOException {
        root = Files.createDirectories(temp.resolve("root"));
        outside = Files.createDirectories(temp.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "secret");
        store = new FileStore(root, new FileOps());
    }

    @Test
    void a_link_to_a_directory_is_never_followed() throws IOException {
        Files.createSymbolicLink(root.resolve("job"), outside);

        assertRefused(() -> store.upload("job/new"));
        assertRefused(() -> store.upload("job/deeper/new"));
        assertRefused(() -> create("job/new"));
        assertRefused(() -> create("job/secret"));
        assertRefused(() -> store.read("job/secret", 0, ByteBuffer.allocate(1)));
        assertRefused(() -> store.stat("job/secret"));
        assertRefused(() -> store.delete("job/secret"));
        assertRefused(() -> store.list("job/"));
        assertRefused(() -> store.children("job/"));
        assertRefused(() -> store.listOpenUploads("job/"));
        assertOutsideUntouched();
    }

    @Test
    void a_link_to_a_file_is_never_followed() throws IOException {
        Files.createDirectories(root.resolve("job"));
        Files.createSymbolicLink(root.resolve("job/secret"), outside.resolve("secret"));

        assertRefused(() -> create("job/secret"));
        assertRefused(() -> store.read("job/secret", 0, ByteBuffer.allocate(1)));
        assertRefused(() -> store.stat("job/secret"));
        assertRefused(() -> store.delete("job/secret"));
        try (Upload upload = store.upload("job/secret")) {
            upload.write(bytes("x"));
            assertThatThrownBy(() -> upload.commit(1, Crc32c.of(bytes("x")))).isInstanceOf(IOException.class);
        }
        assertOutsideUntouched();
    }

    @Test
    void a_link_that_points_nowhere_does_not_make_its_target() throws IOException {
        Files.createSymbolicLink(root.resolve("job"), outside.resolve("made"));
        Files.createSymbolicLink(root.resolve("file"), outside.resolve("made"));

        assertRefused(() -> create("job/new"));
        assertRefused(() -> create("file"));
        assertOutsideUntouched();
    }

    @Test
    void listings_pass_over_what_no_store_made() throws IOException {
        create("job/x");
        Files.createSymbolicLink(root.resolve("link"), outside);
        Files.createSymbolicLink(root.resolve("job/link"), outside.resolve("secret"));
        Files.createDirectories(root.resolve("lost+found/x"));
        Files.writeString(root.resolve("lost+found/x/y"), "y");
        Files.writeString(root.resolve("a name with blanks"), "y");
        Files.createDirectories(root.resolve("empty/empty"));

        assertThat(store.list("").map(object -> object.key())).containsExactly("job/x");
        assertThat(store.children("")).containsExactly("job");
        assertThat(store.children("job/")).containsExactly("x");
        assertThat(store.listOpenUploads("")).isEmpty();
    }

    @Test
    void what_a_crash_left_behind_is_invisible_listed_as_open_and_can_be_aborted() throws IOException {
        Files.createDirectories(root.resolve("job/steps"));
        String leftover = ".tmp-" + "0123456789abcdef".repeat(2) + "-shard.bin";
        Files.writeString(root.resolve("job/steps").resolve(leftover), "half");

        assertThat(store.list("")).isEmpty();
        assertThat(store.children("")).isEmpty();
        List<OpenUpload> open = store.listOpenUploads("job/").toList();
        assertThat(open).containsExactly(new OpenUpload("job/steps/shard.bin", leftover));

        store.abortUpload(open.get(0));

        assertThat(root.resolve("job/steps")).isEmptyDirectory();
    }

    @Test
    void aborting_takes_only_the_ids_of_open_uploads() throws IOException {
        create("job/x");
        create("job/y");
        String temp = ".tmp-" + "0123456789abcdef".repeat(2) + "-";
        for (String id :
                List.of("x", "../root/job/x", "../../outside/secret", temp + "y", temp + "../x", ".tmp-x", "")) {
            assertThatThrownBy(() -> store.abortUpload(new OpenUpload("job/x", id)))
                    .as(id)
                    .isInstanceOf(IllegalArgumentException.class);
        }
        assertThat(store.list("").map(object -> object.key())).containsExactly("job/x", "job/y");
        assertOutsideUntouched();
    }

    @Test
    void an_object_is_not_a_folder_and_a_folder_is_not_an_object() throws IOException {
        create("job/x");

        assertThatThrownBy(() -> create("job/x/y"))
                .hasMessageContaining("job/x")
                .hasMessageContaining("not a directory");
        assertThatThrownBy(() -> create("job")).hasMessageContaining("not a file");
        assertThatThrownBy(() -> store.stat("job")).isInstanceOf(NoSuchFileException.class);
        store.delete("job");
        assertThat(store.children("")).containsExactly("job");
    }

    @Test
    void a_file_that_grew_behind_an_upload_is_refused() throws IOException {
        try (Upload upload = store.upload("job/x")) {
            upload.write(bytes("hello"));
            Path temporary;
            try (var files = Files.list(root.resolve("job"))) {
                temporary = files.toList().get(0);
            }
            Files.writeString(temporary, "+", StandardOpenOption.APPEND);

            assertThatThrownBy(() -> upload.commit(5, Crc32c.of(bytes("hello"))))
                    .hasMessageContaining("6 bytes");
        }
        assertThat(root.resolve("job")).isEmptyDirectory();
    }

    @Test
    void positions_beyond_2_GiB_are_read() throws IOException {
        long position = 3L << 30;
        try (FileChannel sparse =
                FileChannel.open(root.resolve("large"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            sparse.write(bytes("the end"), position);
        }

        ByteBuffer target = ByteBuffer.allocate(7);
        store.read("large", position, target);

        assertThat(target.flip()).isEqualTo(bytes("the end"));
        assertThat(store.stat("large").bytes()).isEqualTo(position + 7);
        assertThat(store.list("").map(object -> object.bytes())).containsExactly(position + 7);
        ByteBuffer before = ByteBuffer.allocate(3 << 20);
        store.read("large", position - before.capacity() + 7, before);
        assertThat(before.position(before.capacity() - 7)).isEqualTo(bytes("the end"));
    }

    private interface Action {
        void run() throws IOException;
    }

    private static void assertRefused(Action action) {
        assertThatThrownBy(action::run)
                .isInstanceOf(NotAnObjectException.class)
                .hasMessageContaining("root")
                .satisfies(refused -> assertThat(refused.getMessage()).containsAnyOf("symbolic link", "not a file"));
    }

    private ObjectStore.Created create(String key) throws IOException {
        return store.createOnce(key, bytes("body"), DEADLINE);
    }

    private void assertOutsideUntouched() throws IOException {
        try (var files = Files.list(outside)) {
            assertThat(files).containsExactly(outside.resolve("secret"));
        }
        assertThat(outside.resolve("secret")).hasContent("secret");
    }
}
