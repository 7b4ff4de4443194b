package dev.moorage.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Daemons and commands as processes of their own, on the class path of the test. Ends all of them by their own ids. */
final class Daemons implements AutoCloseable {
    private static final long READY_WITHIN_MILLIS = 90_000;
    private static final long COMMAND_WITHIN_SECONDS = 180;

    private final Path folder;
    private final Path store;
    private final Path staging;
    private final Map<String, Process> running = new LinkedHashMap<>();

    /** What a command left behind. */
    record Ended(int status, String out, String err) {}

    Daemons(Path folder) throws IOException {
        this.folder = folder;
        this.store = folder.resolve("store");
        this.staging = Files.createDirectories(folder.resolve("staging"));
    }

    Path store() {
        return store;
    }

    void startCoordinator(String name, List<String> seeds) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("coordinator", "--listen", "127.0.0.1:0"));
        seeds.forEach(seed -> arguments.addAll(List.of("--seed", seed)));
        start(name, arguments);
    }

    void startWorker(String name, String seed) throws Exception {
        start(name, List.of("worker", "--name", name, "--staging-dir", staging.toString(), "--seed", seed));
    }

    private void start(String name, List<String> arguments) throws Exception {
        Path ready = folder.resolve(name + ".ready");
        Files.deleteIfExists(ready);
        List<String> command = java(List.of("-Xmx256m"));
        command.addAll(arguments);
        command.addAll(List.of("--cluster", "127.0.0.1:0", "--store", store.toString()));
        command.addAll(List.of("--ready-file", ready.toString()));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log(name).toFile()))
                .start();
        running.put(name, process);
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(READY_WITHIN_MILLIS);
        while (!Files.exists(ready)) {
            assertThat(process.isAlive() && System.nanoTime() < deadline)
                    .as("%s is ready in time; its log:%n%s", name, Files.readString(log(name)))
                    .isTrue();
            pause();
        }
    }

    /** What a daemon wrote into its ready file. */
    String fact(String name, String key) throws IOException {
        try (Stream<String> lines = Files.lines(folder.resolve(name + ".ready"))) {
            return lines.filter(line -> line.startsWith(key + "="))
                    .map(line -> line.substring(key.length() + 1))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** SIGKILL, by the process's own id. */
    void kill(String name) throws InterruptedException {
        Process process = running.remove(name);
        process.destroyForcibly();
        process.waitFor();
    }

    /** Begins a command; its output goes to files. */
    Process begin(String label, String... arguments) throws IOException {
        List<String> command = java(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1"));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectOutput(folder.resolve(label + ".out").toFile())
                .redirectError(folder.resolve(label + ".err").toFile())
                .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                .start();
    }

    /** Waits for a command. */
    Ended end(String label, Process command) throws Exception {
        boolean ended = command.waitFor(COMMAND_WITHIN_SECONDS, TimeUnit.SECONDS);
        if (!ended) {
            command.destroyForcibly();
        }
        Ended result = new Ended(
                ended ? command.exitValue() : -1,
                Files.readString(folder.resolve(label + ".out")),
                Files.readString(folder.resolve(label + ".err")));
        assertThat(result.err()).as("no stack trace").doesNotContainPattern("(?m)^\\s+at [a-z][\\w.$]+\\(");
        return result;
    }

    /** Runs a command to its end. */
    Ended run(String label, String... arguments) throws Exception {
        return end(label, begin(label, arguments));
    }

    /** Waits until a file is there. */
    static void await(Path file, Process meanwhile) throws InterruptedException {
        while (!Files.exists(file)) {
            assertThat(meanwhile.isAlive())
                    .as("still running before %s appears", file)
                    .isTrue();
            pause();
        }
    }

    /** The logs of all daemons, for a failure's message. */
    String logs() {
        return running.keySet().stream()
                .map(name -> {
                    try {
                        return name + ":\n" + Files.readString(log(name));
                    } catch (IOException failure) {
                        return name + ": " + failure;
                    }
                })
                .collect(Collectors.joining("\n"));
    }

    private Path log(String name) {
        return folder.resolve(name + ".log");
    }

    private static List<String> java(List<String> flags) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(flags);
        command.add("--enable-native-access=ALL-UNNAMED");
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.moorage.node.Main"));
        return command;
    }

    private static void pause() throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep(20);
    }

    @Override
    public void close() throws IOException {
        running.values().forEach(Process::destroy);
        for (Process process : running.values()) {
            try {
                process.onExit().get(20, TimeUnit.SECONDS);
            } catch (InterruptedException | ExecutionException | TimeoutException late) {
                process.destroyForcibly();
            }
        }
    }
}
