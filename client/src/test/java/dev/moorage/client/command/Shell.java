package dev.moorage.client.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Runs commands as a process would, and keeps what they wrote. */
final class Shell {
    @Command(name = "moorage")
    static final class Top {}

    private final Map<String, String> environment;
    private final boolean interactive;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();
    int exit;

    Shell() {
        this(Map.of(), false);
    }

    Shell(Map<String, String> environment, boolean interactive) {
        this.environment = environment;
        this.interactive = interactive;
    }

    Shell run(String... args) {
        out.reset();
        err.reset();
        Terminal terminal = new Terminal(
                new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, false, StandardCharsets.UTF_8),
                environment,
                interactive,
                interactive);
        exit = CommandRunner.run(ClientCommands.mount(new CommandLine(new Top()), terminal), terminal, args);
        return this;
    }

    String out() {
        return out.toString(StandardCharsets.UTF_8);
    }

    byte[] bytes() {
        return out.toByteArray();
    }

    String err() {
        return err.toString(StandardCharsets.UTF_8);
    }

    /** The one JSON object on standard output. */
    JsonNode json() throws IOException {
        return new ObjectMapper().readTree(out());
    }
}
