package dev.moorage.node.local;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A folder of this process alone, in shared memory where the system has it. Removed with all that is in it. */
public final class PrivateFolder implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(PrivateFolder.class);
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");
    private static final Duration LEAVE_WITHIN = Duration.ofSeconds(15);
    private static final int REMOVALS_MAX = 100;

    private final Path path;

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread atExit = new Thread(this::removeAtExit, "moorage-folder");

    private PrivateFolder(Path path) {
        this.path = path;
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /**
     * Makes one that only this user can enter.
     *
     * @throws CheckpointException UNAVAILABLE if there is no place for it
     */
    public static PrivateFolder make(String prefix) {
        try {
            boolean shared = Files.isDirectory(SHARED_MEMORY) && Files.isWritable(SHARED_MEMORY);
            return new PrivateFolder(
                    shared ? Files.createTempDirectory(SHARED_MEMORY, prefix) : Files.createTempDirectory(prefix));
        } catch (IOException failure) {
            throw new CheckpointException(
                    FailureKind.UNAVAILABLE, "cannot make a temporary folder: " + failure, failure);
        }
    }

    /** Where it is. */
    public Path path() {
        return path;
    }

    /** Removes it as far as that can be done now, and what came into it meanwhile when the process ends. */
    @Override
    public void close() {
        remove();
        closed.countDown();
        if (!Files.exists(path)) {
            try {
                Runtime.getRuntime().removeShutdownHook(atExit);
            } catch (IllegalStateException ending) {
                // Then it looks once more.
            }
        }
    }

    /**
     * A process that is told to end while it starts may go on to fill the folder after it was closed, or never close it: so
     * whoever uses it gets time to leave, and what is there afterwards is removed.
     */
    private void removeAtExit() {
        try {
            if (!closed.await(LEAVE_WITHIN.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.debug("{} is removed without having been closed", path);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        for (int i = 0; i < REMOVALS_MAX && Files.exists(path); i++) {
            remove();
        }
    }

    private void remove() {
        try {
            removeTree(path);
        } catch (IOException | UncheckedIOException busy) {
            LOG.debug("{} cannot be removed now: {}", path, busy.toString());
        }
    }

    /** Removes a folder and what is in it; links are removed, not followed. */
    public static void removeTree(Path root) throws IOException {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> all = Files.walk(root)) {
            for (Path one : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(one);
            }
        }
    }
}
