package dev.moorage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ZstdFramesTest {
    private static final int EIGHT_MIB = (23 - 10) << 3;

    /** A window is 2^(10 + exponent) bytes and as many eighths of it as the low three bits say. */
    @Test
    void a_window_above_8_MiB_is_refused_whichever_part_of_its_descriptor_says_so() {
        assertThat(decompressed(EIGHT_MIB)).isEmpty();
        assertThat(decompressed(EIGHT_MIB - 1)).isEmpty();
        assertThat(decompressed(EIGHT_MIB + 1))
                .hasValueSatisfying(why -> assertThat(why).contains("window of 9437184 bytes"));
        assertThat(decompressed(EIGHT_MIB + 7))
                .hasValueSatisfying(why -> assertThat(why).contains("window of 15728640 bytes"));
        assertThat(decompressed(0xFF))
                .hasValueSatisfying(why -> assertThat(why).contains("window of 4123168604160 bytes"));
    }

    /** One byte 7 in a raw block, content size in four bytes, no checksum. */
    private static Optional<String> decompressed(int windowDescriptor) {
        ByteBuffer frame = ByteBuffer.allocateDirect(14).order(ByteOrder.LITTLE_ENDIAN);
        frame.putInt(0xFD2FB528).put((byte) 0x80).put((byte) windowDescriptor).putInt(1);
        frame.put((byte) (1 << 3 | 1)).putShort((short) 0).put((byte) 7).flip();
        try (ZstdFrames frames = ZstdFrames.forSkewedBytes(false)) {
            return frames.decompress(frame, ByteBuffer.allocateDirect(1), 1);
        }
    }
}
