package dev.moorage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where raw bytes come from and go to. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ShardFilesTest {
    @TempDir
    Path folder;

    @Test
    void a_file_is_read_at_any_position() throws IOException {
        Path file = Files.write(folder.resolve("rank-0.bin"), new byte[] {1, 2, 3, 4, 5});
        try (FileSource source = FileSource.open(file);
                FileSource beginning = FileSource.open(file, 3)) {
            ByteBuffer two = ByteBuffer.allocate(2);
            source.read(3, two);

            assertThat(two.array()).containsExactly(4, 5);
            assertThat(beginning.length()).isEqualTo(3);
            assertThatThrownBy(() -> beginning.read(2, ByteBuffer.allocate(2))).isInstanceOf(EOFException.class);
        }
    }

    @Test
    void a_file_that_is_truncated_meanwhile_is_told() throws IOException {
        Path file = Files.write(folder.resolve("rank-0.bin"), new byte[5]);
        try (FileSource source = FileSource.open(file)) {
            Files.write(file, new byte[2]);

            assertThatThrownBy(() -> source.read(0, ByteBuffer.allocate(5)))
                    .isInstanceOf(EOFException.class)
                    .hasMessageContaining("was truncated: it had 5 bytes when it was opened and now ends at 2");
        }
    }

    @Test
    void links_folders_and_absent_files_are_refused() throws IOException {
        Path file = Files.write(folder.resolve("rank-0.bin"), new byte[5]);
        Path link = Files.createSymbolicLink(folder.resolve("link"), file);

        assertKind(FailureKind.INVALID, () -> FileSource.open(link), "symbolic link");
        assertKind(FailureKind.INVALID, () -> FileSource.open(folder), "not a regular file");
        assertKind(FailureKind.NOT_FOUND, () -> FileSource.open(folder.resolve("absent")), "does not exist");
        assertKind(FailureKind.UNAVAILABLE, () -> FileSource.open(file, 6), "has 5 bytes, expected at least 6");
        assertKind(FailureKind.UNAVAILABLE, () -> FileTarget.into(link, 0), "link");
    }

    @Test
    void a_target_is_filled_in_any_order_and_never_overwrites_a_file() throws IOException {
        Path file = folder.resolve("out");
        try (FileTarget target = FileTarget.create(file);
                FileTarget later = FileTarget.into(file, 4)) {
            target.write(2, ByteBuffer.wrap(new byte[] {3, 4}));
            target.write(0, ByteBuffer.wrap(new byte[] {1, 2}));
            later.write(0, ByteBuffer.wrap(new byte[] {5}));
            target.force();
        }

        assertThat(file).hasBinaryContent(new byte[] {1, 2, 3, 4, 5});
        assertKind(FailureKind.INVALID, () -> FileTarget.create(file), "nothing is overwritten");
    }

    @Property(tries = 200)
    void extents_are_the_bytes_they_name(
            @ForAll @IntRange(max = 30) int first,
            @ForAll @IntRange(max = 30) int second,
            @ForAll @IntRange(max = 60) int at)
            throws IOException {
        byte[] origin = Shelf.bytes(1, 100);
        byte[] memory = Shelf.bytes(2, first);
        ExtentSource source = new ExtentSource(
                new MemorySource(ByteBuffer.wrap(origin)),
                List.of(
                        new ExtentSource.Extent.Memory(ByteBuffer.wrap(memory)),
                        new ExtentSource.Extent.Range(40, second),
                        new ExtentSource.Extent.Range(0, 0),
                        new ExtentSource.Extent.Range(7, 5)));
        ByteBuffer all = ByteBuffer.allocate(first + second + 5)
                .put(memory)
                .put(origin, 40, second)
                .put(origin, 7, 5);
        int position = Math.min(at, all.capacity());
        ByteBuffer rest = ByteBuffer.allocate(all.capacity() - position);
        source.read(position, rest);

        assertThat(source.length()).isEqualTo(all.capacity());
        assertThat(rest.array()).isEqualTo(Arrays.copyOfRange(all.array(), position, all.capacity()));
    }

    private static void assertKind(FailureKind kind, ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        CheckpointException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(kind))
                .hasMessageContaining(message);
    }
}
