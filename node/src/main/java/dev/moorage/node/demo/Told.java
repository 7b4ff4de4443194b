package dev.moorage.node.demo;

import dev.moorage.client.command.ClientCommands;
import dev.moorage.client.command.CommandRunner;
import dev.moorage.client.command.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import picocli.CommandLine;

/**
 * What a command of the client answered that was run in this process.
 *
 * @param text what it wrote to standard output and standard error
 */
record Told(int exitStatus, String text) {
    /** @param words name and arguments of the command */
    static Told by(Terminal terminal, String... words) {
        ByteArrayOutputStream heard = new ByteArrayOutputStream();
        PrintStream stream = new PrintStream(heard, true, StandardCharsets.UTF_8);
        Terminal quiet = new Terminal(stream, stream, terminal.environment(), false, false);
        CommandLine command =
                new CommandLine(ClientCommands.BY_NAME.get(words[0]).apply(quiet));
        int status = CommandRunner.run(command, quiet, Arrays.copyOfRange(words, 1, words.length));
        return new Told(status, heard.toString(StandardCharsets.UTF_8).strip());
    }
}
