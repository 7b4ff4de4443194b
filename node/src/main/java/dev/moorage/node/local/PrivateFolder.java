package dev.moorage.node.local;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;

/** A folder of this process alone, in shared memory where the system has it. Removed with all that is in it. */
public final class PrivateFolder implements AutoCloseable {
    private static final Path SHARED_MEMORY = Path.of("/dev/shm");

    private final Path path;

    private PrivateFolder(Path path) {
        this.path = path;
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

    /** Removes it as far as that can be done. */
    @Override
    public void close() {
        try {
            removeTree(path);
        } catch (IOException busy) {
            path.toFile().deleteOnExit();
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
