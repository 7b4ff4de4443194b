package dev.moorage.checkpoint;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** The zstd program of this host; tests that need it are skipped, and say so, where there is none. */
final class ZstdProgram {
    private ZstdProgram() {}

    static void assumeInstalled() {
        boolean installed;
        try {
            installed = run("--version") == 0;
        } catch (IOException absent) {
            installed = false;
        }
        Assumptions.assumeTrue(installed, "SKIPPED: no zstd program on the PATH, so it could not read our files");
    }

    /** The exit status. */
    static int run(String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of("zstd"));
        command.addAll(List.of(arguments));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new IOException("zstd did not end");
            }
            return process.exitValue();
        } catch (InterruptedException stop) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", stop);
        }
    }

    static int test(Path file) throws IOException {
        return run("-q", "-t", file.toString());
    }

    static int decompress(Path file, Path to) throws IOException {
        return run("-q", "-d", file.toString(), "-o", to.toString());
    }
}
