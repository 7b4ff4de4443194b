package dev.moorage.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** A main class as a process of its own, on the class path of the test. {@link #close} ends it by its own id. */
final class Command implements AutoCloseable {
    private static final long WITHIN_SECONDS = 120;

    private final Process process;
    private final Path out;

    /** Starts {@code main}; what it prints goes to a file in {@code folder}. */
    Command(Path folder, Class<?> main, String... arguments) throws IOException {
        this.out = Files.createTempFile(folder, "command", ".out");
        // A build in the background ignores SIGINT, and so would whatever it starts.
        List<String> command = new ArrayList<>(List.of(
                "env",
                "--default-signal=INT",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
        command.addAll(List.of(arguments));
        process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(out.toFile())
                .start();
    }

    /** Sends it a signal, such as INT. */
    void signal(String name) throws IOException, InterruptedException {
        int status = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                .start()
                .waitFor();
        if (status != 0) {
            throw new AssertionError("no signal was sent; it said " + output());
        }
    }

    /** Looks until it holds while the process runs. */
    void await(BooleanSupplier holds) throws IOException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WITHIN_SECONDS);
        while (!holds.getAsBoolean()) {
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new AssertionError("it did not come to hold; the process said " + output());
            }
            TimeUnit.MILLISECONDS.sleep(2);
        }
    }

    /** Waits for the end of the process; the answer is its exit status. */
    int end() throws IOException, InterruptedException {
        if (!process.waitFor(WITHIN_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("it does not end; it said " + output());
        }
        return process.exitValue();
    }

    /** All that it has printed. */
    String output() throws IOException {
        return Files.readString(out);
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
