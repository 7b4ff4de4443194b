package dev.moorage.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.checkpoint.ManifestLog;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.storage.ObjectStore;
import dev.moorage.storage.Stores;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Ctrl-C, on real processes. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class InterruptTest {
    private static final long BYTES = 2L << 30;

    @TempDir
    private Path folder;

    private Path store;
    private Path from;

    @BeforeEach
    void a_large_file() throws IOException {
        store = folder.resolve("store");
        from = Files.createDirectory(folder.resolve("from"));
        try (RandomAccessFile sparse =
                new RandomAccessFile(from.resolve("rank-0.bin").toFile(), "rw")) {
            sparse.setLength(BYTES);
        }
    }

    private static Set<Path> embeddedFolders() throws IOException {
        try (Stream<Path> all = Files.list(Path.of("/dev/shm"))) {
            return all.filter(path -> path.getFileName().toString().startsWith("moorage-embedded-"))
                    .collect(Collectors.toSet());
        }
    }

    private static List<Path> files(Path root) {
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(Files::isRegularFile).toList();
        } catch (IOException | UncheckedIOException changing) {
            return List.of();
        }
    }

    @Test
    void a_save_closes_its_attempt_as_cancelled_and_leaves_no_temporary_files() throws Exception {
        Set<Path> before = embeddedFolders();
        try (Command save = new Command(
                folder,
                Main.class,
                "save",
                "job",
                "1",
                "--from",
                from.toString(),
                "--store",
                store.toString(),
                "--codec",
                "zstd:19")) {
            Path attempt = store.resolve("job/steps/00000000000000000001/a0001");
            save.await(() -> Files.exists(attempt.resolve("shards"))
                    && !files(attempt.resolve("shards")).isEmpty());
            save.signal("INT");

            assertThat(save.end()).as(save.output()).isEqualTo(130);
            assertThat(save.output()).doesNotContain("internal error");
        }
        try (ObjectStore opened = Stores.openForReading(store.toString())) {
            ManifestLog log = new ManifestLog(opened, () -> 0);
            assertThat(log.outcome(new CheckpointId(new JobName("job"), new Step(1)).attempt(1)))
                    .hasValueSatisfying(outcome ->
                            assertThat(((Manifest.Aborted) outcome).reason()).startsWith("cancelled"));
        }
        assertThat(files(store)).noneMatch(file -> file.getFileName().toString().startsWith(".tmp-"));
        assertThat(embeddedFolders()).isSubsetOf(before);
    }

    @ParameterizedTest
    @CsvSource({"up,TERM", "up,INT", "coordinator,TERM"})
    void a_daemon_that_is_told_to_end_ends_with_status_0(String daemon, String signal) throws Exception {
        Path ready = folder.resolve("ready");
        try (Command running = new Command(
                folder,
                Main.class,
                daemon,
                "--store",
                store.toString(),
                "--listen",
                "127.0.0.1:0",
                "--ready-file",
                ready.toString())) {
            running.await(() -> Files.exists(ready));
            running.signal(signal);

            assertThat(running.end()).as(running.output()).isZero();
        }
        assertThat(files(store)).noneMatch(file -> file.getFileName().toString().startsWith(".tmp-"));
    }

    @Test
    void a_restore_leaves_nothing_under_its_targets_name_and_no_temporary_files() throws Exception {
        assertThat(new Shell(Map.of()).run("save", "job", "1", "--from", from.toString(), "--store", store.toString()))
                .isZero();
        Path parent = Files.createDirectory(folder.resolve("parent"));
        Path to = parent.resolve("to");
        try (Command restore = new Command(
                folder, Main.class, "restore", "job", "1", "--store", store.toString(), "--to", to.toString())) {
            restore.await(() -> !files(parent).isEmpty());
            restore.signal("INT");

            assertThat(restore.end()).as(restore.output()).isEqualTo(130);
        }
        assertThat(to).doesNotExist();
        assertThat(parent).isEmptyDirectory();
    }
}
