package dev.moorage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The committed files are what stores hold: a change of these bytes is a change of the format. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RecordGoldenTest {
    static Stream<Samples.Stored> records() {
        return Stream.concat(Samples.json(), Samples.binary());
    }

    @ParameterizedTest
    @MethodSource("records")
    void a_record_has_the_bytes_it_always_had(Samples.Stored record) throws IOException {
        // Latin-1 shows the first difference and keeps every byte apart.
        assertThat(StandardCharsets.ISO_8859_1
                        .decode(record.bytes().duplicate())
                        .toString())
                .isEqualTo(StandardCharsets.ISO_8859_1.decode(golden(record)).toString());
    }

    @ParameterizedTest
    @MethodSource("records")
    void the_bytes_of_then_are_read_today(Samples.Stored record) throws IOException {
        assertThat(record.decode().apply(golden(record))).isEqualTo(record.value());
    }

    private static ByteBuffer golden(Samples.Stored record) throws IOException {
        try (InputStream file = RecordGoldenTest.class.getResourceAsStream("/golden/" + record.name())) {
            return ByteBuffer.wrap(file.readAllBytes());
        }
    }
}
