package dev.moorage.node;

import dev.moorage.client.command.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Runs commands in this process and keeps what they say. */
final class Shell {
    private final Map<String, String> environment;
    private String out = "";
    private String err = "";

    Shell(Map<String, String> environment) {
        this.environment = environment;
    }

    /** The exit status. */
    int run(String... args) {
        ByteArrayOutputStream heard = new ByteArrayOutputStream();
        ByteArrayOutputStream complaints = new ByteArrayOutputStream();
        int exit = Main.run(new Terminal(stream(heard), stream(complaints), environment, false, false), args);
        out = heard.toString(StandardCharsets.UTF_8);
        err = complaints.toString(StandardCharsets.UTF_8);
        return exit;
    }

    /** Standard output of the last run. */
    String out() {
        return out;
    }

    /** Standard error of the last run. */
    String err() {
        return err;
    }

    private static PrintStream stream(ByteArrayOutputStream target) {
        return new PrintStream(target, true, StandardCharsets.UTF_8);
    }
}
