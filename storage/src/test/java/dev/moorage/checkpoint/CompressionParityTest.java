package dev.moorage.checkpoint;

import static dev.moorage.checkpoint.Shelf.ATTEMPT;
import static dev.moorage.checkpoint.Shelf.CHUNK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.Dtype;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.ShardFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a release of another system offers for compression, line by line of the README's table. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class CompressionParityTest {
    private final Shelf shelf = new Shelf();

    @TempDir
    Path folder;

    @AfterEach
    void close() {
        shelf.close();
    }

    @Test
    void repetitive_data_shrinks_by_nine_tenths_and_comes_back() {
        byte[] raw = new byte[2 * CHUNK + 333];
        Arrays.fill(raw, (byte) 7);

        WrittenShard shard = shelf.write(Codec.zstd(3), raw);

        assertThat(shard.stored().ratio()).isLessThan(0.1);
        assertThat(Arrays.equals(shelf.read(shard), raw)).isTrue();
    }

    @Test
    void large_tensors_are_compressed_without_asking_and_what_repeats_shrinks_by_nine_tenths() {
        ByteBuffer header = Safetensors.header(
                List.of(
                        Tensors.tensor("rows", Dtype.F32, 512, 4096),
                        Tensors.tensor("weights", Dtype.BF16, 2048, 1024)),
                Map.of());
        ByteBuffer file = ByteBuffer.allocate(header.remaining() + 3 * CHUNK)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(header);
        Fill.rows(new Random(1), 20, 4 * 4096).accept(file.limit(file.position() + 2 * CHUNK));
        Fill.bf16(new Random(2)).accept(file.limit(file.capacity()));

        WrittenShard shard = shelf.write(Codec.DEFAULT, ShardFormat.SAFETENSORS, file.array());

        List<ChunkEntry> chunks = shard.detail().chunks().chunks();
        assertThat(Codec.DEFAULT).isEqualTo(Codec.AUTO);
        assertThat(Shelf.key(shard)).endsWith(".safetensors.moor");
        assertThat(chunks.subList(1, 3)).allSatisfy(rows -> {
            assertThat(rows.coding()).isEqualTo(ChunkEntry.Coding.ZSTD);
            assertThat(rows.storedBytes()).isLessThan(rows.rawBytes() / 10);
        });
        assertThat(chunks.get(3).coding()).isEqualTo(ChunkEntry.Coding.PLANES);
        assertThat(chunks.get(3).storedBytes()).isLessThan((int) (0.68 * CHUNK));
        assertThat(Arrays.equals(shelf.read(shard), file.array())).isTrue();
    }

    @Test
    void bytes_that_do_not_compress_are_stored_as_they_are() {
        byte[] raw = new byte[CHUNK + 1];
        new Random(1).nextBytes(raw);

        WrittenShard shard = shelf.write(Codec.AUTO, raw);

        assertThat(shard.stored().storedBytes()).isEqualTo(raw.length);
        assertThat(Shelf.key(shard)).endsWith(".bin.moor");
        assertThat(Arrays.equals(shelf.read(shard), raw)).isTrue();
    }

    @Test
    void the_checksum_is_of_the_uncompressed_bytes_and_another_one_of_the_stored_bytes() throws IOException {
        byte[] raw = Shelf.bytes(1, CHUNK + 1);

        WrittenShard shard = shelf.write(Codec.zstd(3), raw);

        assertThat(shard.stored().rawCrc()).isEqualTo(Crc32c.of(ByteBuffer.wrap(raw)));
        assertThat(shard.stored().storedCrc()).isEqualTo(Crc32c.of(ByteBuffer.wrap(shelf.content(shard))));
        assertThat(shard.stored().storedBytes()).isEqualTo(shelf.content(shard).length);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22})
    void every_level_from_1_to_22_comes_back(int level) {
        byte[] raw = Shelf.bytes(level, 300_000);

        WrittenShard shard = shelf.write(Codec.zstd(level), raw);

        assertThat(shelf.read(shard)).isEqualTo(raw);
        assertThat(shard.stored().codec()).isEqualTo(Codec.zstd(level));
        assertThat(shard.stored().ratio()).isLessThan(1);
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd:0", "zstd:-1", "zstd:23", "zstd:", "gzip"})
    void other_levels_and_codecs_are_invalid(String codec) {
        assertThatThrownBy(() -> Codec.parse(codec))
                .isInstanceOfSatisfying(
                        CheckpointException.class,
                        refused -> assertThat(refused.kind()).isEqualTo(FailureKind.INVALID));
    }

    @Test
    void without_compression_the_object_is_the_file() throws IOException {
        byte[] raw = Tensors.file(1, List.of(Tensors.tensor("w", Dtype.F32, 300, 700)));

        WrittenShard shard = shelf.write(Codec.NONE, ShardFormat.SAFETENSORS, raw);

        assertThat(shelf.content(shard)).isEqualTo(raw);
        assertThat(Shelf.key(shard)).endsWith(".safetensors");
        assertThat(shelf.read(shard)).isEqualTo(raw);
    }

    @Test
    void the_writer_supports_compression_and_takes_it_before_the_first_byte_only() {
        ShardWriter writer = shelf.writer(Codec.NONE);
        byte[] raw = Shelf.bytes(1, 2 * CHUNK);
        assertThat(writer.supportsCompression()).isTrue();
        writer.compression(Codec.zstd(1));

        writer.write(
                ATTEMPT, Shelf.planned(0, ShardFormat.OPAQUE, raw), new MemorySource(ByteBuffer.wrap(raw)), delta -> {
                    assertThatThrownBy(() -> writer.compression(Codec.NONE))
                            .hasMessageContaining("before the first byte");
                });

        assertThatThrownBy(() -> writer.compression(Codec.NONE)).isInstanceOf(CheckpointException.class);
    }

    @Test
    void the_writer_tells_its_ratio_so_far() {
        ShardWriter writer = shelf.writer(Codec.zstd(1));
        byte[] raw = new byte[2 * CHUNK];
        System.arraycopy(Shelf.bytes(1, CHUNK), 0, raw, 0, CHUNK);
        assertThat(writer.compressionRatio()).isEmpty();
        double[] soFar = new double[1];

        WrittenShard shard = writer.write(
                ATTEMPT, Shelf.planned(0, ShardFormat.OPAQUE, raw), new MemorySource(ByteBuffer.wrap(raw)), delta -> {
                    soFar[0] = soFar[0] == 0 ? writer.compressionRatio().orElseThrow() : soFar[0];
                });

        ChunkEntry first = shard.detail().chunks().chunks().get(0);
        assertThat(soFar[0]).isEqualTo((double) first.storedBytes() / first.rawBytes());
        assertThat(writer.compressionRatio().orElseThrow()).isLessThan(soFar[0]);
        assertThat(writer.compressionRatio()).isNotEqualTo(OptionalDouble.empty());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 70_000, 9_000_000})
    void the_zstd_program_gives_the_file_back(int length) throws IOException {
        ZstdProgram.assumeInstalled();
        byte[] raw = Shelf.bytes(length, length);
        WrittenShard shard = shelf.write(Codec.zstd(1), raw);
        Path stored = Files.write(folder.resolve("rank.bin.zst"), shelf.content(shard));

        assertThat(Shelf.key(shard)).endsWith(".bin.zst");
        assertThat(ZstdProgram.test(stored)).isZero();
        assertThat(ZstdProgram.decompress(stored, folder.resolve("rank.bin"))).isZero();
        assertThat(Arrays.equals(Files.readAllBytes(folder.resolve("rank.bin")), raw))
                .isTrue();
    }

    @Test
    void the_seek_table_is_that_of_the_seekable_format() throws IOException {
        WrittenShard shard = shelf.write(Codec.zstd(1), Shelf.bytes(1, 2 * CHUNK + 5));
        ByteBuffer content = ByteBuffer.wrap(shelf.content(shard)).order(ByteOrder.LITTLE_ENDIAN);
        ChunkTable table = shard.detail().chunks();
        content.position(content.capacity() - table.trailerBytes());

        assertThat(content.getInt()).isEqualTo(0x184D2A5E);
        assertThat(content.getInt()).isEqualTo(3 * 12 + 9);
        int frameEnd = 0;
        for (ChunkEntry chunk : table.chunks()) {
            frameEnd += chunk.storedBytes();
            assertThat(content.getInt()).isEqualTo(chunk.storedBytes());
            assertThat(content.getInt()).isEqualTo(chunk.rawBytes());
            assertThat(content.getInt()).isEqualTo(content.getInt(frameEnd - 4));
        }
        assertThat(content.getInt()).isEqualTo(3);
        assertThat(content.get()).isEqualTo((byte) 0x80);
        assertThat(content.getInt()).isEqualTo(0x8F92EAB1);
    }
}
