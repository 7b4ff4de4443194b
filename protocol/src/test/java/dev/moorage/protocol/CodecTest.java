package dev.moorage.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class CodecTest {
    @ParameterizedTest
    @CsvSource({"none, none", "zstd, zstd:3", "zstd:1, zstd:1", "zstd:22, zstd:22", "planes, planes", "auto, auto"})
    void a_codec_is_read(String text, String codec) {
        assertThat(Codec.parse(text)).hasToString(codec);
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd:0", "zstd:-1", "zstd:23", "zstd:999999999"})
    void a_level_outside_of_1_to_22_is_invalid(String text) {
        assertThatThrownBy(() -> Codec.parse(text))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("zstd level must be 1 to 22, was " + text.substring(5));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "None",
                "ZSTD",
                "zstd:",
                "zstd:x",
                "zstd:+3",
                "zstd:3 ",
                "zstd: 3",
                "zstd:3.5",
                "gzip",
                "none:1",
                "planes:1",
                "auto:3",
                "Auto",
                "zstd:99999999999",
                "zstd:\u0663"
            })
    void any_other_codec_is_invalid(String text) {
        assertThatThrownBy(() -> Codec.parse(text))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("codec must be auto, planes, none, zstd or zstd:LEVEL (1 to 22), was '");
    }

    @Property
    void every_level_comes_back(@ForAll @IntRange(min = 1, max = 22) int level) {
        assertThat(Codec.parse(Codec.zstd(level).toString())).isEqualTo(Codec.zstd(level));
    }

    @Test
    void no_compression_has_no_level() {
        assertThatThrownBy(() -> new Codec(Codec.Kind.NONE, 1)).hasMessage("codec none has no level, was 1");
        assertThatThrownBy(() -> new Codec(Codec.Kind.AUTO, 1)).hasMessage("codec auto has no level, was 1");
    }

    @Test
    void a_suffix_says_what_opens_a_shard() {
        assertThat(Codec.NONE.suffix()).isEmpty();
        assertThat(Codec.zstd(9).suffix()).isEqualTo(".zst");
        assertThat(Codec.PLANES.suffix()).isEqualTo(".moor");
        assertThat(Codec.AUTO.suffix()).isEqualTo(".moor");
    }

    @ParameterizedTest
    @CsvSource({
        "none, none",
        "attest, attest",
        "full, full",
        "sample:0.1, sample:0.1",
        "sample:1, sample:1.0",
        "sample:1e-3, sample:0.001",
        "sample:1.0E-5, sample:1.0E-5"
    })
    void a_depth_is_read(String text, String depth) {
        assertThat(VerifyDepth.parse(text)).hasToString(depth);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "sample:0",
                "sample:-1",
                "sample:23",
                "sample:1.1",
                "sample:",
                "sample:x",
                "sample:NaN",
                "sample:Infinity",
                "sample: 0.5",
                "sample:0.5d",
                "sample:0x1p-1",
                "sample:.",
                "sample:1e-999"
            })
    void a_sample_is_above_0_and_at_most_1(String text) {
        assertThatThrownBy(() -> VerifyDepth.parse(text))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith("verification samples a fraction above 0 and at most 1, was ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "Full", "full ", "all", "0", "-1", "23"})
    void any_other_depth_is_invalid(String text) {
        assertThatThrownBy(() -> VerifyDepth.parse(text))
                .isInstanceOf(CheckpointException.class)
                .hasMessage("verification depth must be none, attest, sample:P or full, was '" + text + "'");
    }

    @Property
    void every_fraction_comes_back(@ForAll @DoubleRange(min = 0, minIncluded = false, max = 1) double fraction) {
        VerifyDepth depth = new VerifyDepth(VerifyDepth.Kind.SAMPLE, fraction);

        assertThat(VerifyDepth.parse(depth.toString())).isEqualTo(depth);
    }
}
