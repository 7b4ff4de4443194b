package dev.moorage.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ReadyFileTest {
    @TempDir
    private Path folder;

    @Test
    void a_script_reads_what_the_daemon_wrote_and_nothing_else_is_left() throws IOException {
        Path file = folder.resolve("ready");
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("endpoint", "127.0.0.1:7");
        facts.put("store", "/a=b");
        ReadyFile.write(file, Map.of("old", "x"));

        ReadyFile.write(file, facts);

        assertThat(Files.readString(file)).isEqualTo("endpoint=127.0.0.1:7\nstore=/a=b\n");
        try (Stream<Path> all = Files.list(folder)) {
            assertThat(all).containsExactly(file);
        }
    }

    @Test
    void a_folder_that_is_not_there_is_named() {
        Path file = folder.resolve("absent").resolve("ready");

        assertThatThrownBy(() -> ReadyFile.write(file, Map.of()))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining(file.toString());
    }
}
