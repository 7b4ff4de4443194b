package dev.moorage.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.CheckpointException;
import java.util.OptionalLong;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class BandwidthTest {
    @ParameterizedTest
    @CsvSource({
        "2GB/s, 2000000000",
        "500 MiB/s, 524288000",
        "1TB/s, 1000000000000",
        "1048576B/s, 1048576",
        "1000KB/s, 1000000",
    })
    void rates_as_people_write_them(String text, long bytesPerSecond) {
        assertThat(Bandwidth.parse(text)).hasValue(bytesPerSecond);
    }

    @Test
    void no_limit_is_a_word() {
        assertThat(Bandwidth.parse("unlimited")).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "2",
                "2GB",
                "-1GB/s",
                "2 GBps",
                "1.5GB/s",
                "2Gb/s",
                "9999999999999B/s",
                "1000000iB/s",
                "2gB/s",
                "none"
            })
    void everything_else_is_refused_with_an_example(String text) {
        assertThatThrownBy(() -> Bandwidth.parse(text))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("2GB/s");
    }

    @Test
    void a_limit_that_would_look_like_a_stuck_upload_is_refused() {
        assertThatThrownBy(() -> new Bandwidth(OptionalLong.of(999_999), OptionalLong.empty()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("1 MB/s");
        assertThatThrownBy(() -> new Bandwidth(OptionalLong.empty(), OptionalLong.of(0)))
                .isInstanceOf(CheckpointException.class);
    }
}
