package dev.moorage.protocol;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class Crc32cTest {
    @Test
    void the_check_value_of_the_standard() {
        assertThat(Crc32c.of(ByteBuffer.wrap("123456789".getBytes(US_ASCII)))).hasToString("e3069283");
        assertThat(Crc32c.of(ByteBuffer.allocate(0))).isEqualTo(Crc32c.EMPTY).hasToString("00000000");
    }

    @Test
    void summing_leaves_the_buffer_where_it_is() {
        ByteBuffer bytes = ByteBuffer.allocateDirect(10).position(3).limit(7);

        Crc32c.of(bytes);

        assertThat(bytes.position()).isEqualTo(3);
        assertThat(bytes.limit()).isEqualTo(7);
    }

    @Property
    void sums_of_pieces_give_the_sum_of_the_whole(
            @ForAll @Size(max = 3_000) byte[] bytes,
            @ForAll @IntRange(max = 3_000) int one,
            @ForAll @IntRange(max = 3_000) int other) {
        int first = Math.min(bytes.length, Math.min(one, other));
        int second = Math.min(bytes.length, Math.max(one, other));

        Crc32c combined = slice(bytes, 0, first)
                .followedBy(slice(bytes, first, second), second - first)
                .followedBy(slice(bytes, second, bytes.length), bytes.length - second);

        assertThat(combined).isEqualTo(slice(bytes, 0, bytes.length));
    }

    @Property
    void pieces_combine_in_any_grouping_at_any_length(
            @ForAll int a,
            @ForAll int b,
            @ForAll int c,
            @ForAll @LongRange(max = 1L << 61) long second,
            @ForAll @LongRange(max = 1L << 61) long third) {
        Crc32c left = new Crc32c(a).followedBy(new Crc32c(b), second).followedBy(new Crc32c(c), third);
        Crc32c right = new Crc32c(a).followedBy(new Crc32c(b).followedBy(new Crc32c(c), third), second + third);

        assertThat(left).isEqualTo(right);
    }

    @Test
    void more_than_4_gib_of_zeros_are_summed_by_doubling() {
        Crc32c zeros = Crc32c.of(ByteBuffer.allocate(1 << 20));
        long length = 1 << 20;
        Crc32c chunk = zeros;
        Crc32c byChunks = Crc32c.EMPTY;
        for (; length < 8L << 30; length *= 2) {
            zeros = zeros.followedBy(zeros, length);
        }
        for (long at = 0; at < length; at += 1 << 20) {
            byChunks = byChunks.followedBy(chunk, 1 << 20);
        }

        assertThat(zeros).isEqualTo(byChunks);
    }

    @Property
    void every_sum_comes_back(@ForAll int value) {
        assertThat(Crc32c.parse(new Crc32c(value).toString())).isEqualTo(new Crc32c(value));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "0", "0000000", "000000000", "0000000g", "-0000001", "0x000000", "\0\0\0\0\0\0\0\0"})
    void anything_else_is_no_sum(String text) {
        assertThatThrownBy(() -> Crc32c.parse(text))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("a CRC32C is 8 hex digits, was '");
    }

    @Test
    void a_length_is_not_negative() {
        assertThatThrownBy(() -> Crc32c.EMPTY.followedBy(Crc32c.EMPTY, -1))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("length of bytes must be 0 to");
    }

    private static Crc32c slice(byte[] bytes, int from, int to) {
        return Crc32c.of(ByteBuffer.wrap(bytes, from, to - from));
    }
}
