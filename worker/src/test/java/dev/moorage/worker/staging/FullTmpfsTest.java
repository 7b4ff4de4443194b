package dev.moorage.worker.staging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.worker.core.SegmentId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a tmpfs of one MiB, which only root can mount: elsewhere the test is skipped. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class FullTmpfsTest {
    @TempDir
    Path dir;

    private boolean mounted;

    @BeforeEach
    void mount() {
        mounted = succeeds("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", dir.toString());
        assumeThat(mounted).as("root may mount a tmpfs").isTrue();
    }

    @AfterEach
    void unmount() {
        if (mounted) {
            assertThat(succeeds("umount", dir.toString())).isTrue();
        }
    }

    private static boolean succeeds(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException absent) {
            return false;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    @Test
    void a_full_file_system_is_an_error_and_the_next_lease_succeeds_when_there_is_room() throws IOException {
        try (Staging staging = Staging.open(dir, StagingTest.WORKER)) {
            SegmentId first = new SegmentId("a-1");
            SegmentId second = new SegmentId("a-2");
            staging.allocate(first, 700_000);

            assertThatThrownBy(() -> staging.allocate(second, 700_000))
                    .isInstanceOfSatisfying(
                            CheckpointException.class,
                            failure -> assertThat(failure.kind()).isEqualTo(FailureKind.UNAVAILABLE))
                    .hasMessageContaining("700000 bytes")
                    .hasMessageContaining("staging-dir");
            assertThat(staging.path(second)).doesNotExist();
            staging.seal(StagingTest.draft(first, 700_000, ShardFormat.OPAQUE));

            staging.discard(first);
            staging.allocate(new SegmentId("a-3"), 700_000);
        }
    }
}
