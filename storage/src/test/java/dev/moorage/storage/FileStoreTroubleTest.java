package dev.moorage.storage;

import static dev.moorage.storage.ObjectStoreContract.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.FailureKind;
import dev.moorage.storage.ObjectStore.Created;
import dev.moorage.storage.ObjectStore.Upload;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Full and read-only file systems, on a real one of 1 MiB. Skipped where this user cannot mount one. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class FileStoreTroubleTest {
    private static final Duration DEADLINE = Duration.ofMillis(200);

    @TempDir
    private Path temp;

    private Path mount;

    @BeforeEach
    void mount() throws Exception {
        mount = Files.createDirectory(temp.resolve("mount"));
        boolean mounted =
                runs("mount", "-t", "tmpfs", "-o", "size=1m,nr_inodes=64,mode=0700", "tmpfs", mount.toString());
        if (!mounted) {
            mount = null;
        }
        assumeTrue(mounted, "skipped: mounting a tmpfs of 1 MiB needs Linux and root");
    }

    @AfterEach
    void unmount() throws Exception {
        if (mount != null) {
            assertThat(runs("umount", mount.toString())).as("umount %s", mount).isTrue();
        }
    }

    @Test
    void a_full_store_says_so_and_nothing_is_half_visible() throws IOException {
        ObjectStore store = Stores.openForWriting(mount.toString());
        store.createOnce("job/manifest", bytes("theirs"), DEADLINE);

        assertThatThrownBy(() -> store.createOnce("job/large", ByteBuffer.allocate(2 << 20), DEADLINE))
                .isInstanceOf(StoreFullException.class)
                .hasMessageContaining("job/large")
                .hasMessageContaining("free space");
        try (Upload upload = store.upload("job/shard")) {
            assertThatThrownBy(() -> upload.write(ByteBuffer.allocateDirect(2 << 20)))
                    .isInstanceOf(StoreFullException.class)
                    .hasMessageContaining("job/shard");
            assertThatThrownBy(() -> upload.commit(2 << 20, Crc32c.of(ByteBuffer.allocate(2 << 20))))
                    .isInstanceOf(IOException.class);
        }

        assertThat(keys(store)).containsExactly("job/manifest");
        assertThat(files()).containsExactly("job/manifest");
        assertThat(store.createOnce("job/small", bytes("fits"), DEADLINE)).isEqualTo(new Created.Won());
    }

    @Test
    void a_store_without_inodes_says_so_too() throws IOException {
        ObjectStore store = Stores.openForWriting(mount.toString());
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 100; i++) {
                        store.createOnce("job/" + i, bytes("x"), DEADLINE);
                    }
                })
                .isInstanceOf(StoreFullException.class);
        assertThatThrownBy(() -> store.upload("another/directory")).isInstanceOf(StoreFullException.class);

        assertThat(files()).allMatch(name -> name.startsWith("job/"));
        assertThat(keys(store)).hasSameElementsAs(files());
    }

    @Test
    void a_full_store_is_refused_for_writing_and_can_be_read() throws IOException {
        ObjectStore store = Stores.openForWriting(mount.toString());
        store.createOnce("job/manifest", bytes("x"), DEADLINE);
        fill();

        assertThatThrownBy(() -> Stores.openForWriting(mount.toString()))
                .isInstanceOfSatisfying(CheckpointException.class, refused -> {
                    assertThat(refused.kind()).isEqualTo(FailureKind.UNAVAILABLE);
                    assertThat(refused).hasMessageContaining("no space left").hasMessageContaining(mount.toString());
                });
        assertThat(keys(Stores.openForReading(mount.toString()))).contains("job/manifest");
    }

    @Test
    void a_read_only_store_says_so_and_can_be_read() throws Exception {
        ObjectStore store = Stores.openForWriting(mount.toString());
        store.createOnce("job/manifest", bytes("x"), DEADLINE);
        assertThat(runs("mount", "-o", "remount,ro", mount.toString())).isTrue();

        assertThatThrownBy(() -> store.createOnce("job/new", bytes("x"), DEADLINE))
                .isInstanceOf(ReadOnlyStoreException.class)
                .hasMessageContaining("job/new")
                .hasMessageContaining("Read-only");
        assertThatThrownBy(() -> store.upload("new/new")).isInstanceOf(ReadOnlyStoreException.class);
        assertThatThrownBy(() -> store.delete("job/manifest")).isInstanceOf(ReadOnlyStoreException.class);
        assertThat(store.createOnce("job/manifest", bytes("other"), DEADLINE)).isEqualTo(new Created.Lost(bytes("x")));
        assertThatThrownBy(() -> Stores.openForWriting(mount.toString()))
                .isInstanceOfSatisfying(CheckpointException.class, refused -> {
                    assertThat(refused.kind()).isEqualTo(FailureKind.UNAVAILABLE);
                    assertThat(refused).hasMessageContaining("Read-only").hasMessageContaining("mount it for writing");
                });
        assertThat(keys(Stores.openForReading(mount.toString()))).containsExactly("job/manifest");
    }

    private void fill() throws IOException {
        try {
            Files.write(mount.resolve("ballast"), new byte[2 << 20]);
        } catch (IOException full) {
            assertThat(full).hasMessageContaining("No space left");
        }
    }

    private List<String> files() throws IOException {
        try (Stream<Path> paths = Files.walk(mount)) {
            return paths.filter(Files::isRegularFile)
                    .map(file -> mount.relativize(file).toString())
                    .sorted()
                    .toList();
        }
    }

    private static List<String> keys(ObjectStore store) throws IOException {
        try (var objects = store.list("")) {
            return objects.map(object -> object.key()).toList();
        }
    }

    private static boolean runs(String... command) throws InterruptedException {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(30, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException noSuchProgram) {
            return false;
        }
    }
}
