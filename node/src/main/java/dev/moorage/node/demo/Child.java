package dev.moorage.node.demo;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A daemon in a JVM of its own: the same Java and class path as this process, its output in a log file. */
final class Child {
    private static final long READY_NANOS = TimeUnit.SECONDS.toNanos(90);
    private static final long LEAVE_SECONDS = 10;
    private static final String HEAP = "-Xmx256m";

    private final String name;
    private final Process process;
    private final Path ready;
    private final Path log;

    private Child(String name, Process process, Path ready, Path log) {
        this.name = name;
        this.process = process;
        this.ready = ready;
        this.log = log;
    }

    /**
     * Starts it; {@link #awaitReady} tells when it can be used.
     *
     * @param arguments of moorage
     * @param folder gets its ready file
     * @param logs gets NAME.log, which a restarted child continues
     */
    static Child start(String name, List<String> arguments, Path folder, Path logs) {
        Path ready = folder.resolve(name + ".ready");
        Path log = logs.resolve(name + ".log");
        List<String> line = new ArrayList<>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        inheritedFlags().forEach(line::add);
        line.add(HEAP);
        line.add("-Dmoorage.audit.file=" + logs.resolve("audit.log"));
        line.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.moorage.node.Main"));
        line.addAll(arguments);
        line.addAll(List.of("--ready-file", ready.toString()));
        try {
            Files.deleteIfExists(ready);
            Process process = new ProcessBuilder(line)
                    .redirectErrorStream(true)
                    .redirectInput(Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(Redirect.appendTo(log.toFile()))
                    .start();
            return new Child(name, process, ready, log);
        } catch (IOException failure) {
            throw new CheckpointException(FailureKind.UNAVAILABLE, "cannot start " + name + ": " + failure, failure);
        }
    }

    /** What of this JVM's options is as good for a child: all but its heap, and the logging of a daemon. */
    private static Stream<String> inheritedFlags() {
        Stream<String> own = ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(flag -> !flag.startsWith("-Xmx") && !flag.startsWith("-Xms"))
                .filter(flag -> !flag.startsWith("-Dlogback.") && !flag.startsWith("-javaagent:"))
                .filter(flag -> !flag.startsWith("-Dmoorage.") || flag.startsWith("-Dmoorage.conf="))
                .filter(flag -> !flag.startsWith("-XX:ArchiveClassesAtExit") && !flag.startsWith("-agentlib"));
        Stream<String> logging = Optional.ofNullable(System.getProperty("moorage.conf")).stream()
                .map(conf -> "-Dlogback.configurationFile=" + Path.of(conf, "logback.xml"));
        return Stream.concat(own, logging);
    }

    /**
     * Waits until it says that it is ready.
     *
     * @return its addresses, by what they are
     * @throws CheckpointException UNAVAILABLE with the end of its log if it ends or does not answer
     */
    Map<String, String> awaitReady() throws InterruptedException {
        long end = System.nanoTime() + READY_NANOS;
        while (!Files.exists(ready)) {
            if (process.waitFor(50, TimeUnit.MILLISECONDS)) {
                throw CheckpointException.unavailable(name + " ended with exit status " + process.exitValue() + "; "
                        + log + " ends with: " + lastLine());
            }
            if (System.nanoTime() > end) {
                throw CheckpointException.unavailable(name + " did not become ready; see " + log);
            }
        }
        try {
            return Files.readAllLines(ready).stream()
                    .map(line -> line.split("=", 2))
                    .collect(Collectors.toMap(fact -> fact[0], fact -> fact[1]));
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }

    private String lastLine() {
        try {
            List<String> lines = Files.readAllLines(log);
            return lines.isEmpty() ? "nothing" : lines.get(lines.size() - 1);
        } catch (IOException failure) {
            return failure.toString();
        }
    }

    String name() {
        return name;
    }

    long pid() {
        return process.pid();
    }

    /** SIGKILL: it gets no chance to say or save anything. */
    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor();
    }

    /** SIGTERM: it may leave in order. */
    void terminate() {
        process.destroy();
    }

    /** Waits until it has ended, and ends it by force if it takes too long. */
    void awaitEnd() {
        try {
            if (!process.waitFor(LEAVE_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException interrupted) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
