package dev.moorage.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.checkpoint.Safetensors;
import dev.moorage.client.RankShard;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Dtype;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.ShardFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ShardFolderTest {
    @TempDir
    private Path folder;

    @Test
    void files_become_ranks_by_their_number_not_by_their_name() throws IOException {
        for (int rank = 0; rank < 11; rank++) {
            Files.write(folder.resolve("rank-" + rank + ".bin"), new byte[rank]);
        }
        Files.writeString(folder.resolve("notes.txt"), "left alone");

        List<RankShard> shards = ShardFolder.open(folder);

        assertThat(shards)
                .extracting(shard -> shard.source().length())
                .containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L);
        ShardFolder.closeAll(shards);
    }

    @Test
    void the_header_tells_what_is_safetensors() throws IOException {
        Files.write(folder.resolve("rank-0.safetensors"), safetensors());
        Files.write(folder.resolve("rank-1.bin"), new byte[] {1, 2, 3});
        Files.write(folder.resolve("rank-2"), safetensors());

        List<RankShard> shards = ShardFolder.open(folder);

        assertThat(shards)
                .extracting(RankShard::format)
                .containsExactly(ShardFormat.SAFETENSORS, ShardFormat.OPAQUE, ShardFormat.SAFETENSORS);
        ShardFolder.closeAll(shards);
    }

    @Test
    void a_file_called_safetensors_must_be_one() throws IOException {
        Files.write(folder.resolve("rank-0.safetensors"), new byte[] {1, 2, 3});

        assertRefused(FailureKind.INVALID, "rank-0.safetensors");
    }

    @Test
    void a_gap_is_refused() throws IOException {
        Files.write(folder.resolve("rank-0.bin"), new byte[1]);
        Files.write(folder.resolve("rank-2.bin"), new byte[1]);

        assertRefused(FailureKind.INVALID, "no file for rank 1", "rank-2.bin");
    }

    @Test
    void two_files_of_one_rank_are_refused() throws IOException {
        Files.write(folder.resolve("rank-0.bin"), new byte[1]);
        Files.write(folder.resolve("rank-00.bin"), new byte[1]);

        assertRefused(FailureKind.INVALID, "two files for rank 0", "rank-0.bin", "rank-00.bin");
    }

    @Test
    void an_empty_folder_is_refused() {
        assertRefused(FailureKind.INVALID, "rank-0.*");
    }

    @Test
    void a_folder_that_is_not_there_is_not_found() {
        assertThatThrownBy(() -> ShardFolder.open(folder.resolve("absent")))
                .isInstanceOfSatisfying(
                        CheckpointException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(FailureKind.NOT_FOUND));
    }

    private void assertRefused(FailureKind kind, String... parts) {
        assertThatThrownBy(() -> ShardFolder.open(folder))
                .isInstanceOfSatisfying(
                        CheckpointException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(kind))
                .hasMessageContainingAll(parts);
    }

    private static byte[] safetensors() {
        ByteBuffer header = Safetensors.header(
                List.of(new Safetensors.Tensor("w", Dtype.F32, List.of(2L), Optional.empty())), Map.of());
        byte[] file = new byte[header.remaining() + 8];
        header.get(file, 0, header.remaining());
        return file;
    }
}
