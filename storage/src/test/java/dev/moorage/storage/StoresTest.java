package dev.moorage.storage;

import static dev.moorage.storage.ObjectStoreContract.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.storage.ObjectStore.Created;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class StoresTest {
    private static final Duration DEADLINE = Duration.ofSeconds(1);

    @TempDir
    private Path temp;

    @Test
    void a_directory_opens_by_uri_and_by_path() throws IOException {
        Path root = temp.resolve("a store").resolve("below");

        Stores.openForWriting(root.toUri().toString()).createOnce("a", bytes("x"), DEADLINE);

        for (String uri : List.of(
                root.toString(),
                root + "/",
                root.toUri().toString(),
                "file:" + root.toUri().getRawPath())) {
            assertThat(Stores.openForReading(uri).readAll("a", 1)).as(uri).isEqualTo(bytes("x"));
        }
        Path relative = Path.of("").toAbsolutePath().relativize(root);
        assertThat(Stores.openForReading(relative.toString()).children("")).containsExactly("a");
        assertThat(Stores.openForReading(root.toString()))
                .hasToString(root.toRealPath().toUri().toString());
    }

    @Test
    void opening_for_writing_makes_directories_for_this_user_only_and_leaves_no_objects() throws IOException {
        Path root = temp.resolve("made/store");

        ObjectStore store = Stores.openForWriting(root.toString());

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root)))
                .isEqualTo("rwx------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root.getParent())))
                .isEqualTo("rwx------");
        assertThat(store.list("")).isEmpty();
    }

    @Test
    void opening_for_reading_writes_nothing() throws IOException {
        Stores.openForReading(temp.toString());
        assertThat(temp).isEmptyDirectory();

        assertFails(FailureKind.NOT_FOUND, "no such directory", () -> Stores.openForReading(temp + "/absent"));
        assertFails(FailureKind.NOT_FOUND, "no store mem:never", () -> Stores.openForReading("mem:never"));
        assertThat(temp).isEmptyDirectory();
    }

    @Test
    void a_file_is_not_a_store() throws IOException {
        Path file = Files.writeString(temp.resolve("file"), "x");

        assertFails(FailureKind.INVALID, "is not a directory", () -> Stores.openForReading(file.toString()));
        assertFails(FailureKind.INVALID, "is not a directory", () -> Stores.openForWriting(file.toString()));
    }

    @Test
    void the_root_itself_may_be_reached_through_a_link() throws IOException {
        Path real = Files.createDirectory(temp.resolve("real"));
        Path link = Files.createSymbolicLink(temp.resolve("link"), real);

        Stores.openForWriting(link.toString()).createOnce("a", bytes("x"), DEADLINE);

        assertThat(real.resolve("a")).hasContent("x");
    }

    @Test
    void a_memory_store_is_one_per_name() throws IOException {
        Stores.openForWriting("mem:stores-test").createOnce("a", bytes("x"), DEADLINE);

        assertThat(Stores.openForReading("mem:stores-test").readAll("a", 1)).isEqualTo(bytes("x"));
        assertThat(Stores.openForWriting("mem:stores-test-2").children("")).isEmpty();
        assertThat(Stores.openForReading("mem:stores-test")).hasToString("mem:stores-test");
    }

    @Test
    void what_names_no_store_is_invalid_and_says_what_would() {
        for (String uri : List.of(
                "",
                " ",
                "mem:",
                "mem:..",
                "mem:a/b",
                "ftp://host/x",
                "file://host/x",
                "file:///x?y",
                "file:///x#y",
                "file:x",
                "file:///%00",
                "a\0b",
                "file:///a b",
                "notes:x")) {
            assertFails(FailureKind.INVALID, "expected file:///absolute/path", () -> Stores.openForReading(uri));
            assertFails(FailureKind.INVALID, "not a store", () -> Stores.openForWriting(uri));
        }
        assertFails(FailureKind.INVALID, "nothing", () -> Stores.openForReading(null));
    }

    @Test
    void a_file_system_without_hard_links_is_refused_with_advice() {
        RecordingOps ops = new RecordingOps(temp);
        for (Consumer<RecordingOps> lack : List.<Consumer<RecordingOps>>of(
                o -> o.fail(this::isLink, new FileSystemException("a", "b", "Operation not permitted")),
                o -> o.fail(this::isLink, new FileSystemException("a", "b", "Operation not supported")),
                o -> o.fate((call, effect) -> {
                    if (isLink(call)) {
                        throw new UnsupportedOperationException();
                    }
                    effect.run();
                }))) {
            lack.accept(ops);

            assertFails(FailureKind.INVALID, "no hard links", () -> Stores.openForWriting(temp, ops));
            assertFails(FailureKind.INVALID, "use a store on", () -> Stores.openForWriting(temp, ops));
        }
        assertThat(temp.resolve(".moorage/probe")).isEmptyDirectory();
    }

    @Test
    void a_store_that_may_not_be_written_is_invalid_and_a_broken_one_unavailable() {
        RecordingOps ops = new RecordingOps(temp);
        ops.fail(call -> call.startsWith("create"), new java.nio.file.AccessDeniedException("x"));
        assertFails(FailureKind.INVALID, "access denied", () -> Stores.openForWriting(temp, ops));

        ops.fail(call -> call.startsWith("create"), new FileSystemException("x", null, "Disk quota exceeded"));
        assertFails(FailureKind.UNAVAILABLE, "raise the quota", () -> Stores.openForWriting(temp, ops));

        ops.fail(call -> call.startsWith("sync "), new IOException("Input/output error"));
        assertFails(FailureKind.UNAVAILABLE, "Input/output error", () -> Stores.openForWriting(temp, ops));

        ops.fail(call -> call.equals("syncdir .moorage/probe"), new IOException("Input/output error"));
        assertFails(FailureKind.UNAVAILABLE, "no clear answer", () -> Stores.openForWriting(temp, ops));
    }

    @Test
    void a_second_writer_opens_the_same_store() throws IOException {
        ObjectStore first = Stores.openForWriting(temp.toString());
        ObjectStore second = Stores.openForWriting(temp.toString());

        assertThat(first.createOnce("a", bytes("first"), DEADLINE)).isEqualTo(new Created.Won());
        assertThat(second.createOnce("a", bytes("second"), DEADLINE)).isEqualTo(new Created.Lost(bytes("first")));
    }

    private boolean isLink(String call) {
        return call.startsWith("link");
    }

    private static void assertFails(FailureKind kind, String message, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(CheckpointException.class, failure -> {
            assertThat(failure.kind()).as(failure.getMessage()).isEqualTo(kind);
            assertThat(failure).hasMessageContaining(message);
        });
    }
}
