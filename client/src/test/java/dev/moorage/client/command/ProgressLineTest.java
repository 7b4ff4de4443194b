package dev.moorage.client.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ProgressLineTest {
    @Test
    void the_largest_figures_fit_into_80_columns_as_a_line_that_wraps_cannot_be_taken_back() throws Exception {
        ByteArrayOutputStream shown = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(shown, true, StandardCharsets.UTF_8);
        long almost = (1L << 30) - (1L << 20);
        try (ProgressLine line =
                new ProgressLine(new Terminal(stream, stream, Map.of(), true, true), "restore", almost)) {
            TimeUnit.MILLISECONDS.sleep(1_050);
            line.at(almost, almost);
        }

        assertThat(shown.toString(StandardCharsets.UTF_8).split("\r\u001b\\[K"))
                .anyMatch(bar -> bar.contains("1023.0 MiB of 1023.0 MiB"))
                .allMatch(bar -> bar.length() < 80);
    }
}
