package dev.moorage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.Dtype;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Where each bit of an element goes, told a second time, slowly, as docs/format.md tells it. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PlanesTest {
    private static final int LANE = Planes.LANE_BYTES;

    private final Planes planes = new Planes();

    static Stream<PlaneLayout> layouts() {
        return Stream.of(2, 4, 8)
                .flatMap(width -> Stream.of(0, 1, 5, 8, 13, 15).map(rotation -> new PlaneLayout(width, rotation)));
    }

    @ParameterizedTest
    @MethodSource("layouts")
    void every_byte_is_where_the_format_says(PlaneLayout layout) {
        for (int elements : new int[] {0, 1, 7, LANE - 1, LANE, LANE + 1, 3 * LANE, 3 * LANE + 1000}) {
            ByteBuffer raw = noise(elements * layout.width());

            ByteBuffer split = direct(elements * layout.width());
            planes.split(layout, raw, elements, split);
            ByteBuffer merged = direct(elements * layout.width());
            CRC32C sum = new CRC32C();
            List<ByteBuffer> each = IntStream.range(0, layout.width())
                    .mapToObj(plane -> split.slice(plane * elements, elements))
                    .toList();
            planes.merge(layout, each, elements, merged, sum::update);

            assertThat(split.clear()).isEqualTo(asTheFormatSays(layout, raw, elements));
            assertThat(merged.clear()).isEqualTo(raw);
            assertThat(new Crc32c((int) sum.getValue())).isEqualTo(Crc32c.of(raw));
        }
    }

    @Test
    void the_exponent_of_a_float_is_a_plane_of_its_own() {
        ByteBuffer one = direct(4).order(ByteOrder.LITTLE_ENDIAN).putFloat(0, -1.5f);
        ByteBuffer split = direct(4);

        planes.split(PlaneLayout.of(Dtype.F32).orElseThrow(), one, 1, split);

        assertThat(split.get(3)).isEqualTo((byte) 127);
        assertThat(split.get(2)).isEqualTo((byte) 0b1000_0001);
        assertThat(split.getShort(0)).isZero();
    }

    @Test
    void elements_of_one_byte_have_no_planes() {
        for (Dtype dtype : Dtype.values()) {
            int bytes = dtype == Dtype.C64 ? 4 : dtype.bytes();
            assertThat(PlaneLayout.of(dtype).map(PlaneLayout::width).orElse(1)).isEqualTo(bytes);
        }
    }

    private static ByteBuffer asTheFormatSays(PlaneLayout layout, ByteBuffer raw, int elements) {
        int width = layout.width();
        ByteBuffer expected = ByteBuffer.allocate(elements * width);
        int inTiles = elements / LANE * LANE;
        int perLane = LANE / width;
        for (int element = 0; element < elements; element++) {
            int index = element;
            if (element < inTiles) {
                int inTile = element % LANE;
                index = element - inTile + inTile % perLane * width + inTile / perLane;
            }
            byte[] bytes = new byte[width];
            raw.get(element * width, bytes);
            int top = ((bytes[width - 1] & 0xFF) << 8) | (bytes[width - 2] & 0xFF);
            top = (top << layout.rotation()) | (top >>> (16 - layout.rotation()));
            bytes[width - 1] = (byte) (top >>> 8);
            bytes[width - 2] = (byte) top;
            for (int plane = 0; plane < width; plane++) {
                expected.put(plane * elements + index, bytes[plane]);
            }
        }
        return expected;
    }

    private static ByteBuffer noise(int bytes) {
        byte[] noise = new byte[bytes];
        new Random(bytes).nextBytes(noise);
        return direct(bytes).put(noise).flip();
    }

    private static ByteBuffer direct(int bytes) {
        return ByteBuffer.allocateDirect(bytes);
    }
}
