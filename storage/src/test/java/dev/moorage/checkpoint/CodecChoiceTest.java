package dev.moorage.checkpoint;

import static dev.moorage.checkpoint.CodecChoice.Choice.PLANES;
import static dev.moorage.checkpoint.CodecChoice.Choice.RAW;
import static dev.moorage.checkpoint.CodecChoice.Choice.ZSTD;
import static dev.moorage.checkpoint.CodecChoice.Choice.ZSTD_REPEATS;
import static dev.moorage.checkpoint.CodecChoice.Choice.ZSTD_SKEWED;
import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.protocol.Dtype;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** What {@code auto} makes of each kind of data. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class CodecChoiceTest {
    private static final int BYTES = ChunkEntry.RAW_BYTES_MAX;

    private final Random random = new Random(7);
    private final ZstdFrames frames = ZstdFrames.ofLevel(CodecChoice.LEVEL);
    private final ZstdFrames skewed = ZstdFrames.forSkewedBytes(true);
    private final CodecChoice choice = new CodecChoice(frames, skewed);

    @AfterEach
    void close() {
        frames.close();
        skewed.close();
    }

    @Test
    void weights_go_to_planes_and_only_their_exponent_is_packed() throws IOException {
        assertThat(of(Dtype.BF16, 4096, Fill.bf16(random))).isEqualTo(PLANES);
        assertThat(choice.packedPlanes()).isEqualTo(0b10);
        assertThat(of(Dtype.F32, 4096, Fill.f32(random))).isEqualTo(PLANES);
        assertThat(choice.packedPlanes()).isEqualTo(0b1000);
        assertThat(of(Dtype.F64, 0, Fill.f64(random))).isEqualTo(PLANES);
        assertThat(choice.packedPlanes()).isEqualTo(0b1100_0000);
    }

    @Test
    void weights_that_were_rounded_have_low_planes_that_are_packed() throws IOException {
        assertThat(of(Dtype.F32, 4096, Fill.rounded(random))).isEqualTo(PLANES);

        assertThat(choice.packedPlanes()).isEqualTo(0b1011);
    }

    @Test
    void weights_that_are_partly_zero_are_packed_in_all_planes() throws IOException {
        assertThat(of(Dtype.F32, 4096, chunk -> {
                    Fill.f32(random).accept(chunk.limit(BYTES / 2));
                    chunk.clear().position(BYTES / 2);
                    Fill.zeros().accept(chunk);
                }))
                .isEqualTo(PLANES);

        assertThat(choice.packedPlanes()).isEqualTo(0b1111);
    }

    @Test
    void rows_that_repeat_go_to_zstd_with_long_matches() throws IOException {
        assertThat(of(Dtype.F32, 4096, Fill.rows(random, 64, 4096 * 4))).isEqualTo(ZSTD_REPEATS);
        assertThat(of(Dtype.F32, 4096, Fill.rows(random, 256, 4096 * 4))).isEqualTo(ZSTD_REPEATS);
        assertThat(of(Dtype.BF16, 384, Fill.rows(random, 100, 384 * 2))).isEqualTo(ZSTD_REPEATS);
        assertThat(of(Dtype.I64, 0, Fill.rows(random, 3, 512))).isEqualTo(ZSTD_REPEATS);
        assertThat(opaque(Fill.rows(random, 16, 4096))).isEqualTo(ZSTD_REPEATS);
    }

    @Test
    void a_column_that_is_constant_is_no_row_that_repeats() throws IOException {
        assertThat(of(Dtype.F32, 4096, chunk -> {
                    Fill.f32(random).accept(chunk);
                    for (int row = 0; row < BYTES; row += 4096 * 4) {
                        chunk.putLong(row, 0x3F80_0000_3F00_0000L).putLong(row + 8, 0x3F40_0000_3E80_0000L);
                    }
                }))
                .isEqualTo(PLANES);
    }

    @Test
    void rows_whose_first_columns_are_zero_are_weights_all_the_same() throws IOException {
        int rowBytes = 1024 * 2;
        assertThat(of(Dtype.BF16, 1024, chunk -> {
                    Fill.bf16(random).accept(chunk);
                    for (int row = 0; row < BYTES; row += rowBytes) {
                        chunk.putLong(row, 0).putLong(row + 8, 0);
                    }
                }))
                .isEqualTo(PLANES);
    }

    @Test
    void zeros_go_to_zstd_and_noise_stays_as_it_is() throws IOException {
        assertThat(of(Dtype.F32, 4096, Fill.zeros())).isEqualTo(ZSTD_SKEWED);
        assertThat(opaque(Fill.zeros())).isEqualTo(ZSTD_SKEWED);
        assertThat(of(Dtype.I64, 0, Fill.noise(random))).isEqualTo(RAW);
        assertThat(of(Dtype.U8, 4096, Fill.noise(random))).isEqualTo(RAW);
        assertThat(opaque(Fill.noise(random))).isEqualTo(RAW);
    }

    @Test
    void small_integers_go_to_planes() throws IOException {
        assertThat(of(Dtype.I64, 0, chunk -> {
                    while (chunk.hasRemaining()) {
                        chunk.putLong(random.nextInt(50_000));
                    }
                }))
                .isEqualTo(PLANES);
        assertThat(choice.packedPlanes() & 0b1111_1100).isEqualTo(0b1111_1100);
    }

    @Test
    void bytes_of_one_are_packed_by_how_uneven_they_are_and_text_by_its_words() throws IOException {
        assertThat(of(Dtype.F8_E4M3, 4096, Fill.f8(random))).isEqualTo(ZSTD_SKEWED);
        assertThat(opaque(Fill.text(random))).isEqualTo(ZSTD);
    }

    @Test
    void short_chunks_are_tried_whole() throws IOException {
        ByteBuffer head = direct(3_000);
        assertThat(choice.of(head, direct(BYTES), ChunkContent.UNKNOWN, false)).isEqualTo(ZSTD);
        assertThat(choice.of(head, direct(BYTES), content(Dtype.F32, 10), false))
                .isEqualTo(ZSTD);
    }

    private CodecChoice.Choice of(Dtype dtype, int row, Consumer<ByteBuffer> fill) throws IOException {
        return choice.of(filled(fill), direct(BufferPool.BUFFER_BYTES), content(dtype, row), false);
    }

    private CodecChoice.Choice opaque(Consumer<ByteBuffer> fill) throws IOException {
        return choice.of(filled(fill), direct(BufferPool.BUFFER_BYTES), ChunkContent.UNKNOWN, false);
    }

    private static ChunkContent content(Dtype dtype, long row) {
        long elements = BYTES / dtype.bytes();
        List<Long> shape = row == 0 ? List.of(elements) : List.of(elements / row, row);
        long bytes = shape.stream().reduce(1L, (a, b) -> a * b) * dtype.bytes();
        return ChunkContent.of(new TensorEntry("t", dtype, shape, 0, bytes, Optional.empty()));
    }

    private static ByteBuffer filled(Consumer<ByteBuffer> fill) {
        ByteBuffer chunk = direct(BYTES);
        fill.accept(chunk);
        assertThat(chunk.remaining()).as("left of the chunk").isZero();
        return chunk.clear();
    }

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
