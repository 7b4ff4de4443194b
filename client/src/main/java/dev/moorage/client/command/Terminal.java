package dev.moorage.client.command;

import static java.util.Objects.requireNonNull;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * Where a command writes, and what it finds around it.
 *
 * @param out for results
 * @param err for progress, remarks and errors
 * @param environment variables by name
 * @param outInteractive whether a person's terminal shows {@code out}
 * @param errInteractive whether a person's terminal shows {@code err}
 */
public record Terminal(
        PrintStream out,
        PrintStream err,
        Map<String, String> environment,
        boolean outInteractive,
        boolean errInteractive) {
    public Terminal {
        requireNonNull(out);
        requireNonNull(err);
        environment = Map.copyOf(environment);
    }

    /** This process's own. */
    public static Terminal ofProcess() {
        return new Terminal(
                utf8(FileDescriptor.out), utf8(FileDescriptor.err), System.getenv(), isTerminal(1), isTerminal(2));
    }

    /** The JDK's own streams take the encoding of the locale, which in containers often knows ASCII only. */
    private static PrintStream utf8(FileDescriptor descriptor) {
        return new PrintStream(new FileOutputStream(descriptor), true, StandardCharsets.UTF_8);
    }

    /**
     * The JDK only knows whether input and output are a terminal together, so the descriptors are looked at; where they cannot
     * be, output is plain.
     */
    private static boolean isTerminal(int descriptor) {
        try {
            String target = Files.readSymbolicLink(Path.of("/proc/self/fd/" + descriptor))
                    .toString();
            return target.startsWith("/dev/pts/") || target.startsWith("/dev/tty") || target.equals("/dev/console");
        } catch (IOException | UnsupportedOperationException notLinux) {
            return false;
        }
    }

    /** A variable that is set and not empty. */
    public Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
    }

    /** Whether results may be coloured. */
    public boolean isOutColoured() {
        return outInteractive && coloursWanted();
    }

    /** Whether errors may be coloured. */
    public boolean isErrColoured() {
        return errInteractive && coloursWanted();
    }

    private boolean coloursWanted() {
        return variable("NO_COLOR").isEmpty()
                && !variable("TERM").orElse("dumb").equals("dumb");
    }

    /** Whether stack traces are wanted, by MOORAGE_DEBUG. */
    public boolean isDebug() {
        return variable("MOORAGE_DEBUG").isPresent();
    }

    /** A line for people beside the result. */
    public void remark(String text) {
        err.println(text);
    }
}
