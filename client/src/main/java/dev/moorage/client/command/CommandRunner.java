package dev.moorage.client.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import picocli.CommandLine;
import picocli.CommandLine.Help.Ansi;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * Runs a command line and makes every failure one message and one exit status: {@link FailureKind#exitStatus}, 2 for wrong
 * usage, 1 for a bug, 130 when interrupted. A stack trace is printed only with MOORAGE_DEBUG set.
 */
public final class CommandRunner {
    private static final int BUG = 1;
    private static final int INTERRUPTED = 130;

    private final Terminal terminal;
    private final boolean json;

    private CommandRunner(Terminal terminal, boolean json) {
        this.terminal = terminal;
        this.json = json;
    }

    /**
     * Parses and runs.
     *
     * @param line the top-level command with all of its subcommands
     * @return the exit status
     */
    public static int run(CommandLine line, Terminal terminal, String... args) {
        CommandRunner runner = new CommandRunner(terminal, Arrays.asList(args).contains("--json"));
        Ansi ansi = terminal.isOutColoured() ? Ansi.ON : Ansi.OFF;
        line.setColorScheme(CommandLine.Help.defaultColorScheme(ansi));
        line.setOut(new PrintWriter(terminal.out(), true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(terminal.err(), true, StandardCharsets.UTF_8));
        line.setParameterExceptionHandler((failure, given) -> runner.wrongUsage(failure));
        line.setExecutionExceptionHandler((failure, command, result) -> runner.failed(failure));
        try {
            return line.execute(args);
        } catch (StackOverflowError | OutOfMemoryError failure) {
            return runner.failed(failure);
        } finally {
            terminal.out().flush();
            terminal.err().flush();
        }
    }

    private int wrongUsage(ParameterException failure) {
        String command = failure.getCommandLine().getCommandSpec().qualifiedName();
        tell("INVALID", words(failure) + "; see " + command + " --help", failure);
        return FailureKind.INVALID.exitStatus();
    }

    private static String words(ParameterException failure) {
        if (failure instanceof UnmatchedArgumentException unmatched
                && !unmatched.getUnmatched().isEmpty()) {
            String given = unmatched.getUnmatched().get(0);
            String what = given.startsWith("-")
                    ? "option"
                    : failure.getCommandLine().getParent() == null ? "command" : "argument";
            List<String> similar = unmatched.getSuggestions();
            return "unknown " + what + " '" + given + "'"
                    + (similar.isEmpty() ? "" : ", similar: " + String.join(", ", similar));
        }
        // The parser's words are a programmer's.
        return failure.getMessage()
                .replaceFirst("^Error: ", "")
                .replaceFirst("is not an? (int|long|double)$", "is not a number, or too large a one");
    }

    private int failed(Throwable failure) {
        if (isEnding()) {
            // What the command depended on is ending, too; how that looked to it is of no interest.
            tell("INTERRUPTED", "interrupted", failure);
            return INTERRUPTED;
        }
        if (failure instanceof CheckpointException known) {
            tell(known.kind().name(), advised(known), known);
            return known.kind().exitStatus();
        }
        if (failure instanceof CancellationException || failure instanceof InterruptedException) {
            tell("INTERRUPTED", "interrupted", failure);
            return INTERRUPTED;
        }
        tell(
                "BUG",
                "internal error: " + failure + "; please report it, with what MOORAGE_DEBUG=1 prints in addition",
                failure);
        return BUG;
    }

    /** Whether the process was told to end. */
    private static boolean isEnding() {
        Thread never = new Thread(() -> {}, "moorage-never");
        try {
            Runtime.getRuntime().addShutdownHook(never);
            Runtime.getRuntime().removeShutdownHook(never);
            return false;
        } catch (IllegalStateException ending) {
            return true;
        }
    }

    /** What is found in a record does not know what people can do about it. */
    private static String advised(CheckpointException failure) {
        boolean silent = failure.kind() == FailureKind.CORRUPT
                && !failure.getMessage().contains("restore another")
                && !failure.getMessage().contains("put the object back");
        return failure.getMessage() + (silent ? "; nothing of it is handed out, restore another checkpoint" : "");
    }

    private void tell(String kind, String message, Throwable failure) {
        if (json) {
            ObjectNode answer = Json.object();
            answer.putObject("error").put("kind", kind).put("message", message);
            Json.print(terminal, answer);
        }
        terminal.err().println(Colour.BAD.paint("moorage:", terminal.isErrColoured()) + " " + message);
        if (terminal.isDebug()) {
            failure.printStackTrace(terminal.err());
        }
    }
}
