package dev.moorage.worker.staging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.WorldSize;
import dev.moorage.worker.core.SegmentId;
import dev.moorage.worker.core.StageTerms;
import dev.moorage.worker.core.StagedRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class StagingTest {
    static final WorkerId WORKER = new WorkerId("w1");

    @TempDir
    Path dir;

    static StagedRecord draft(SegmentId id, long bytes, ShardFormat format) {
        return new StagedRecord(
                id,
                new JobName("llm"),
                new RunNumber(3),
                new Rank(0),
                new WorldSize(2),
                Optional.of("dp0"),
                Optional.of(Codec.zstd(7)),
                Optional.of(VerifyDepth.parse("sample:0.25")),
                new StageTerms(bytes, new Step(12), ShardKind.OWN, format, Map.of("lr", "0.1", "Ä", "ö")),
                Crc32c.EMPTY);
    }

    private static void write(Path segment, String text) throws IOException {
        Files.write(segment, text.getBytes(StandardCharsets.US_ASCII), StandardOpenOption.WRITE);
    }

    private static Crc32c sum(String text) {
        return Crc32c.of(ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void the_directory_and_its_segments_are_for_their_user_alone() throws IOException {
        try (Staging staging = Staging.open(dir.resolve("staging"), WORKER)) {
            SegmentId id = new SegmentId("a-1");
            staging.allocate(id, 300_000);

            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(staging.directory())))
                    .isEqualTo("rwx------");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(staging.path(id))))
                    .isEqualTo("rw-------");
            assertThat(staging.path(id)).hasSize(300_000);
        }
    }

    @Test
    void a_second_worker_of_the_name_is_refused_and_one_of_another_name_is_not() throws IOException {
        try (Staging staging = Staging.open(dir, WORKER);
                Staging other = Staging.open(dir, new WorkerId("w2"))) {
            assertThat(other.directory()).isNotEqualTo(staging.directory());
            assertThatThrownBy(() -> Staging.open(dir, WORKER))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("another worker named w1")
                    .hasMessageContaining("moorage.worker.name");
        }
        Staging.open(dir, WORKER).close();
    }

    @Test
    void a_symbolic_link_in_place_of_the_directory_is_refused() throws IOException {
        Path elsewhere = Files.createDirectory(dir.resolve("elsewhere"));
        Files.createSymbolicLink(dir.resolve("w1"), elsewhere);

        assertThatThrownBy(() -> Staging.open(dir, WORKER)).hasMessageContaining("symbolic link");
        Files.createSymbolicLink(dir.resolve("base"), elsewhere);
        assertThatThrownBy(() -> Staging.open(dir.resolve("base"), WORKER)).hasMessageContaining("symbolic link");
    }

    @Test
    void a_restart_believes_sidecars_and_nothing_else() throws IOException {
        SegmentId staged = new SegmentId("a-1");
        SegmentId filling = new SegmentId("a-2");
        Crc32c sealed;
        try (Staging staging = Staging.open(dir, WORKER)) {
            staging.allocate(staged, 100);
            staging.allocate(filling, 100);
            write(staging.path(staged), "hello");
            sealed = staging.seal(draft(staged, 5, ShardFormat.OPAQUE));
            Files.writeString(staging.directory().resolve("a-9.tmp"), "half a sidecar");
            Files.writeString(staging.directory().resolve("host.sock"), "");
        }
        assertThat(sealed).isEqualTo(sum("hello"));
        try (Staging staging = Staging.open(dir, WORKER)) {
            StagedRecord expected = draft(staged, 5, ShardFormat.OPAQUE).withCrc(sealed);

            assertThat(staging.recover()).isEqualTo(Map.of(expected, 100L));
            assertThat(names(staging)).containsExactly("a-1.segment", "a-1.staged", "lock");
        }
    }

    @Test
    void sidecars_that_do_not_hold_are_dropped_with_their_segments() throws IOException {
        SegmentId shortened = new SegmentId("a-1");
        SegmentId damaged = new SegmentId("a-2");
        SegmentId cleared = new SegmentId("a-3");
        try (Staging staging = Staging.open(dir, WORKER)) {
            for (SegmentId id : new SegmentId[] {shortened, damaged, cleared}) {
                staging.allocate(id, 10);
                staging.seal(draft(id, 10, ShardFormat.OPAQUE));
            }
            Files.write(staging.path(shortened), new byte[9]);
            Path sidecar = staging.directory().resolve("a-2.staged");
            byte[] bytes = Files.readAllBytes(sidecar);
            bytes[20] ^= 1;
            Files.write(sidecar, bytes);
            staging.clearRecord(cleared);
        }
        try (Staging staging = Staging.open(dir, WORKER)) {
            assertThat(staging.recover()).isEmpty();
            assertThat(names(staging)).containsExactly("lock");
        }
    }

    @Test
    void what_is_said_to_be_safetensors_and_is_not_is_refused_when_it_is_staged() throws IOException {
        try (Staging staging = Staging.open(dir, WORKER)) {
            SegmentId id = new SegmentId("a-1");
            staging.allocate(id, 100);

            assertThatThrownBy(() -> staging.seal(draft(id, 100, ShardFormat.SAFETENSORS)))
                    .isInstanceOfSatisfying(
                            CheckpointException.class,
                            failure -> assertThat(failure.kind()).isEqualTo(FailureKind.INVALID))
                    .hasMessageContaining("rank 0");
            assertThat(names(staging)).containsExactly("a-1.segment", "lock");
        }
    }

    @Test
    void discarding_is_done_once_or_more_often() throws IOException {
        try (Staging staging = Staging.open(dir, WORKER)) {
            SegmentId id = new SegmentId("a-1");
            staging.allocate(id, 10);
            staging.discard(id);
            staging.discard(id);
            assertThat(names(staging)).containsExactly("lock");
        }
    }

    static Stream<String> names(Staging staging) throws IOException {
        try (Stream<Path> files = Files.list(staging.directory())) {
            return files.map(file -> file.getFileName().toString()).sorted().toList().stream();
        }
    }
}
