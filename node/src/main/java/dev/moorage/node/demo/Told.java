package dev.moorage.node.demo;

import dev.moorage.client.command.Terminal;
import dev.moorage.node.Main;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * What a command answered that was run in this process.
 *
 * @param text what it wrote to standard output and standard error
 */
record Told(int exitStatus, String text) {
    static Told by(Terminal terminal, String... arguments) {
        ByteArrayOutputStream heard = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(heard, true, StandardCharsets.UTF_8);
        Terminal quiet = new Terminal(stream, stream, terminal.environment(), false, false);
        int status = Main.run(quiet, arguments);
        return new Told(status, heard.toString(StandardCharsets.UTF_8).strip());
    }
}
