package dev.moorage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.Dtype;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Random;
import java.util.zip.CRC32C;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterProperty;

/** Chunks in planes: every bit of every element comes back, and no bytes whatever make the decoder do harm. */
class PlaneCodecTest {
    /** Zeros, ones, infinities, quiet and signalling NaNs with payloads, denormals, all with both signs, of F64, F32, F16 and BF16. */
    private static final long[] SPECIAL = {
        0L,
        0x8000_0000_0000_0000L,
        0x3FF0_0000_0000_0000L,
        0x7FF0_0000_0000_0000L,
        0xFFF0_0000_0000_0000L,
        0x7FF8_0000_0000_0001L,
        0xFFF0_0000_0000_0001L,
        0x000F_FFFF_FFFF_FFFFL,
        0x8000_0000_0000_0001L,
        -1L,
        0x7F80_0000_FF80_0000L,
        0x7FC0_0001_FFA0_0123L,
        0x007F_FFFF_8000_0001L,
        0x3F80_0000_BF80_0000L,
        0x7C00_FC00_7E01_FD55L,
        0x03FF_8001_3C00_8000L,
        0x7F80_FF80_7FC1_FFA5L,
        0x007F_8001_3F80_8000L
    };

    /** 256 bytes, by turns 128 of 7e and 128 of 7f. */
    private static final String GOLDEN_FRAME = "28b52ffd600000650000187e7e7f02001ca462a7000b";

    private final PlaneCodec codec = new PlaneCodec();
    private final ByteBuffer chunk = ByteBuffer.allocateDirect(BufferPool.BUFFER_BYTES);
    private final ByteBuffer scratch = ByteBuffer.allocateDirect(BufferPool.BUFFER_BYTES);
    private final ByteBuffer decoded = ByteBuffer.allocateDirect(BufferPool.BUFFER_BYTES);
    private final CRC32C sum = new CRC32C();

    @AfterProperty
    void close() {
        codec.close();
    }

    @Example
    void special_values_of_every_type_survive_bit_for_bit_at_every_length() throws IOException {
        for (Dtype dtype : Dtype.values()) {
            Optional<PlaneLayout> layout = PlaneLayout.of(dtype);
            for (int bytes : new int[] {1, 2, 3, 7, 9, 63, 144, 4097, 32_768, 32_771, 100_001}) {
                if (layout.isPresent()) {
                    assertSurvives(layout.get(), 0xFF, special(bytes));
                    assertSurvives(layout.get(), 0, special(bytes));
                }
            }
        }
    }

    @Example
    void the_longest_chunk_of_noise_fits() throws IOException {
        byte[] raw = new byte[ChunkEntry.RAW_BYTES_MAX];
        new Random(1).nextBytes(raw);

        assertThat(assertSurvives(new PlaneLayout(2, 1), 0xFF, raw).length)
                .isEqualTo(raw.length + PlaneCodec.headBytes(2));
        assertThat(assertSurvives(new PlaneLayout(8, 5), 0xFF, raw).length)
                .isEqualTo(raw.length + PlaneCodec.headBytes(8));
    }

    @Property(tries = 300)
    void any_bytes_come_back(
            @ForAll long seed,
            @ForAll @IntRange(min = 1, max = 60_000) int bytes,
            @ForAll @IntRange(min = 1, max = 3) int log,
            @ForAll @IntRange(max = 15) int rotation,
            @ForAll @IntRange(max = 255) int packed,
            @ForAll @IntRange(min = 1, max = 256) int values)
            throws IOException {
        Random random = new Random(seed);
        byte[] raw = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            raw[i] = (byte) random.nextInt(values);
        }
        assertSurvives(new PlaneLayout(1 << log, rotation), packed, raw);
    }

    /** Two whole elements of BF16 and a byte more; then 256 with a compressed plane. Never to be changed: stores hold these. */
    @Example
    void the_bytes_of_then_are_written_and_read_today() throws IOException {
        byte[] three = HexFormat.of().parseHex("803f20c007");
        String stored = "02010000" + "02000000" + "02000000" + "0041" + "7f80" + "07";
        assertThat(HexFormat.of().formatHex(encoded(new PlaneLayout(2, 1), 0, three)))
                .isEqualTo(stored);

        // Another zstd may write another frame: what is packed has to be read, not to be written like that.
        byte[] many = new byte[512];
        for (int i = 0; i < many.length; i += 2) {
            many[i] = (byte) (i / 2);
            many[i + 1] = 0x3F;
        }
        byte[] golden = HexFormat.of()
                .parseHex("02010000" + "00010000" + "%02x000000".formatted(GOLDEN_FRAME.length() / 2)
                        + HexFormat.of().formatHex(rotatedCounting()) + GOLDEN_FRAME);
        assertThat(decode(golden, many.length)).isEmpty();
        assertThat(result(many.length)).isEqualTo(many);
    }

    private static byte[] rotatedCounting() {
        byte[] low = new byte[256];
        for (int i = 0; i < low.length; i++) {
            low[i] = (byte) (i << 1);
        }
        return low;
    }

    @Property(tries = 300)
    void damaged_bytes_are_refused_or_decoded_within_their_bounds(
            @ForAll long seed,
            @ForAll @IntRange(max = 1_000_000) int where,
            @ForAll @IntRange(min = 1, max = 255) int flip)
            throws IOException {
        byte[] raw = special(20_001);
        byte[] stored = encoded(new PlaneLayout(4, 1), 0xF, raw);
        int at = seed % 2 == 0 ? where % 20 : where % stored.length;
        stored[at] ^= (byte) flip;
        scratch.clear().put(raw.length, (byte) 77);
        decoded.clear().put(raw.length, (byte) 77);

        Optional<String> damage = decode(stored, raw.length);

        if (damage.isEmpty()) {
            assertThat(decoded.remaining()).isEqualTo(raw.length);
        }
        assertThat(scratch.clear().get(raw.length)).isEqualTo((byte) 77);
        assertThat(decoded.clear().get(raw.length)).isEqualTo((byte) 77);
        assertThat(chunk).isEqualTo(ByteBuffer.wrap(stored));
    }

    @Property(tries = 200)
    void what_is_cut_short_or_too_long_is_refused(@ForAll @IntRange(max = 1_000_000) int where) throws IOException {
        byte[] raw = special(20_001);
        byte[] stored = encoded(new PlaneLayout(8, 5), 0xFF, raw);

        assertThat(decode(Arrays.copyOf(stored, where % stored.length), raw.length))
                .isPresent();
        assertThat(decode(Arrays.copyOf(stored, stored.length + 1), raw.length)).isPresent();
        assertThat(decode(stored, raw.length - 1)).isPresent();
        assertThat(decode(stored, raw.length + 8)).isPresent();
    }

    @Property(tries = 500)
    void noise_is_refused(@ForAll byte[] noise, @ForAll @IntRange(min = 1, max = 4 << 20) int rawBytes) {
        assertThat(decode(noise, rawBytes)).isPresent();
    }

    @Example
    void lengths_that_lie_are_named() throws IOException {
        byte[] raw = special(8_000);
        byte[] stored = encoded(new PlaneLayout(2, 1), 0, raw);

        assertThat(decode(with(stored, 4, -1), raw.length))
                .hasValueSatisfying(damage -> assertThat(damage).contains("plane 0 has 4294967295 bytes"));
        assertThat(decode(with(stored, 8, 4_001), raw.length))
                .hasValueSatisfying(damage -> assertThat(damage).contains("plane 1 has 4001 bytes"));
        assertThat(decode(with(stored, 8, 3_999), raw.length))
                .hasValueSatisfying(damage -> assertThat(damage).contains("expected"));
        assertThat(decode(with(stored, 0, 0x0001_0102), raw.length)).isPresent();
        assertThat(decode(with(stored, 0, 0x1002), raw.length))
                .hasValueSatisfying(damage -> assertThat(damage).contains("rotation"));
        for (int width : new int[] {0, 1, 3, 16, 128, 255}) {
            assertThat(decode(with(stored, 0, width), raw.length)).isPresent();
        }
    }

    @Example
    void a_frame_that_is_cut_within_its_head_is_refused() {
        byte[] frame = HexFormat.of().parseHex(GOLDEN_FRAME);
        for (int length = 0; length < frame.length; length++) {
            ByteBuffer stored = ByteBuffer.allocate(PlaneCodec.headBytes(2) + 256 + length)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putInt(0x0102)
                    .putInt(256)
                    .putInt(length);
            stored.position(stored.position() + 256).put(frame, 0, length);

            assertThat(decode(stored.array(), 512))
                    .hasValueSatisfying(damage -> assertThat(damage).startsWith("plane 1: "));
        }
    }

    private static byte[] with(byte[] stored, int at, int value) {
        byte[] changed = stored.clone();
        ByteBuffer.wrap(changed).order(ByteOrder.LITTLE_ENDIAN).putInt(at, value);
        return changed;
    }

    private byte[] assertSurvives(PlaneLayout layout, int packed, byte[] raw) throws IOException {
        byte[] stored = encoded(layout, packed, raw);
        assertThat(decode(stored, raw.length)).isEmpty();
        assertThat(Arrays.equals(result(raw.length), raw)).isTrue();
        return stored;
    }

    private byte[] encoded(PlaneLayout layout, int packed, byte[] raw) throws IOException {
        chunk.clear().put(raw).flip();
        codec.encode(layout, packed, chunk, scratch);
        byte[] stored = new byte[chunk.remaining()];
        chunk.get(0, stored);
        return stored;
    }

    private Optional<String> decode(byte[] stored, int rawBytes) {
        chunk.clear().put(stored).flip();
        sum.reset();
        return codec.decode(chunk, scratch, decoded, rawBytes, sum::update);
    }

    private byte[] result(int rawBytes) {
        assertThat(decoded.position()).isZero();
        assertThat(decoded.remaining()).isEqualTo(rawBytes);
        assertThat((int) sum.getValue()).isEqualTo(Crc32c.of(decoded).value());
        byte[] raw = new byte[rawBytes];
        decoded.get(0, raw);
        return raw;
    }

    private static byte[] special(int bytes) {
        ByteBuffer all = ByteBuffer.allocate(bytes + Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; all.remaining() >= Long.BYTES; i++) {
            all.putLong(SPECIAL[i % SPECIAL.length]);
        }
        return Arrays.copyOf(all.array(), bytes);
    }
}
