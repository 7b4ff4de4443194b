package dev.moorage.node;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class MainTest {
    private final Shell shell = new Shell(Map.of());

    @TempDir
    private Path folder;

    @Test
    void help_names_every_command() {
        assertThat(shell.run("--help")).isZero();
        assertThat(shell.out())
                .contains("demo", "up", "coordinator", "worker", "save", "ls", "show", "status", "workers", "verify")
                .contains("restore", "cat", "cancel", "generate-completion");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "demo",
                "up",
                "coordinator",
                "worker",
                "save",
                "ls",
                "show",
                "status",
                "workers",
                "verify",
                "restore",
                "cat",
                "cancel"
            })
    void each_command_has_its_help(String command) {
        assertThat(shell.run(command, "--help")).isZero();
        assertThat(shell.out()).contains("Usage: moorage " + command);
    }

    @Test
    void the_version_names_the_commit() {
        assertThat(shell.run("--version")).isZero();
        assertThat(shell.out()).startsWith("moorage ").contains("(commit ");
    }

    @Test
    void the_completion_script_knows_the_commands() {
        assertThat(shell.run("generate-completion")).isZero();
        assertThat(shell.out()).contains("coordinator", "restore", "--split");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "sail",
                "--frobnicate",
                "save",
                "save job",
                "save job 1",
                "save job x --from .",
                "save job 1 --from . --split x",
                "save job 1 --split x",
                "save JOB 1 --from $DIR --store mem:x",
                "save job 1 --from $DIR --ranks 2 --store mem:x",
                "save job 1 --from $DIR --codec zstd:23 --store mem:x",
                "save job 1 --from $DIR --verify deep --store mem:x",
                "save job 1 --from $DIR --timeout 0 --store mem:x",
                "save job 1 --from $DIR --workers 65 --store mem:x --meta a=b",
                "save job -1 --from $DIR --store mem:x",
                "save job 1 --from $DIR",
                "coordinator",
                "coordinator --store mem:x --listen nowhere",
                "coordinator --store mem:x --cluster 10.1.2.3:5",
                "worker --store mem:x",
                "worker --store mem:x --seed 127.0.0.1:1 --name No!",
                "up --listen 127.0.0.1:x",
                "up --workers 0 --store mem:x --listen 127.0.0.1:0",
                "demo --store mem:x",
                "demo --store $DIR"
            })
    void a_wrong_request_is_one_message_and_status_2(String line) throws IOException {
        for (int rank = 0; rank < 70; rank++) {
            Files.write(folder.resolve("rank-" + rank + ".bin"), new byte[] {1});
        }

        Files.createDirectory(folder.resolve("demo"));

        int exit = shell.run(line.replace("$DIR", folder.toString()).strip().split(" +"));

        assertThat(exit).as(shell.err()).isEqualTo(2);
        assertThat(shell.err()).contains("moorage: ").doesNotContain("\tat ");
    }

    @Test
    void files_that_are_not_there_are_not_found() {
        assertThat(shell.run(
                        "save", "job", "1", "--from", folder.resolve("absent").toString(), "--store", "mem:x"))
                .isEqualTo(3);
        assertThat(shell.run(
                        "save", "job", "1", "--split", folder.resolve("absent").toString(), "--ranks", "2"))
                .isEqualTo(3);
    }
}
