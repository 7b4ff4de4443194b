package dev.moorage.client.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TableTest {
    private static String printed(Table table) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(bytes, true, StandardCharsets.UTF_8);
        table.print(new Terminal(stream, stream, Map.of(), false, false));
        return bytes.toString(StandardCharsets.UTF_8);
    }

    @Test
    void columns_are_as_wide_as_they_need_to_be() {
        Table table = new Table(">STEP", "STATE", "REASON")
                .row(9, "ABORTED", "cancelled")
                .row(10_000, "COMMITTED", "");

        assertThat(printed(table)).isEqualTo("""
                 STEP  STATE      REASON
                    9  ABORTED    cancelled
                10000  COMMITTED
                """);
    }

    @Test
    void a_last_column_in_which_nothing_stands_is_not_shown() {
        Table table =
                new Table(">STEP", "STATE", "REASON").row(9, "COMMITTED", "").row(10, "COMMITTED", "");

        assertThat(printed(table)).isEqualTo("""
                STEP  STATE
                   9  COMMITTED
                  10  COMMITTED
                """);
    }
}
