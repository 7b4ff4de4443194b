package dev.moorage.storage;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Stores by what people call them: {@code file:///absolute/path}, a plain path, or {@code mem:NAME} (one per process and name).
 * Threads: any.
 */
public final class Stores {
    private static final Map<String, MemoryStore> MEMORY = new ConcurrentHashMap<>();

    private Stores() {}

    /**
     * Opens a store that is there. Writes nothing, not even to find out whether that would work.
     *
     * @throws CheckpointException INVALID for a URI that names no store or that may not be read, NOT_FOUND if there is none,
     *     UNAVAILABLE if it does not answer
     */
    public static ObjectStore openForReading(String uri) {
        StoreUri place = StoreUri.parse(uri);
        if (place instanceof StoreUri.Memory memory) {
            ObjectStore store = MEMORY.get(memory.name());
            if (store == null) {
                throw CheckpointException.notFound(
                        "no store " + uri + " in this process; it lives only as long as its process");
            }
            return store;
        }
        Path root = ((StoreUri.Directory) place).path();
        requireNoFileAbove(root);
        try {
            return openDirectory(root);
        } catch (NoSuchFileException absent) {
            throw CheckpointException.notFound(
                    "no store at " + root + ": there is no such directory; check the path and its mount");
        } catch (IOException failure) {
            throw failed(root.toString(), failure);
        }
    }

    /**
     * Opens a store, makes it if it is not there (a directory with mode 0700), and proves that it keeps the contract of
     * {@link ObjectStore} by writing a few objects under {@code .moorage/probe/}, which it removes.
     *
     * @throws CheckpointException INVALID for a URI that names no store, a store that may not be written or that does not keep
     *     the contract; UNAVAILABLE if it is unreachable, read-only or full
     */
    public static ObjectStore openForWriting(String uri) {
        StoreUri place = StoreUri.parse(uri);
        if (place instanceof StoreUri.Memory memory) {
            return MEMORY.computeIfAbsent(memory.name(), name -> new MemoryStore(name));
        }
        return openForWriting(((StoreUri.Directory) place).path(), new FileOps());
    }

    /**
     * The same store within a bandwidth: uploads wait for one token bucket, reads for another. Closing it closes
     * {@code store}.
     */
    public static ObjectStore throttled(ObjectStore store, Bandwidth bandwidth) {
        return bandwidth.equals(Bandwidth.UNLIMITED)
                ? store
                : new ThrottledStore(store, bandwidth, TokenBucket.Time.REAL);
    }

    static ObjectStore openForWriting(Path root, FileOps ops) {
        requireNoFileAbove(root);
        try {
            makeRoot(root, ops);
            ObjectStore store = new FileStore(openRoot(root), ops);
            StoreProbe.run(store);
            return store;
        } catch (IOException failure) {
            throw failed(root.toString(), failure);
        }
    }

    private static ObjectStore openDirectory(Path root) throws IOException {
        return new FileStore(openRoot(root), new FileOps());
    }

    /** The root may be reached through links; nothing below it may. */
    private static Path openRoot(Path root) throws IOException {
        Path real = root.toRealPath();
        if (!Files.isDirectory(real)) {
            throw CheckpointException.invalid("not a store: " + root + " is not a directory");
        }
        if (!Files.isReadable(real)) {
            throw new AccessDeniedException(root.toString(), null, "the directory cannot be read");
        }
        return real;
    }

    /**
     * Gives whoever still writes in this process 3 s to stop, and removes the temporary files that are there then. Happens by
     * itself when the process is told to end; for those who end it before that is done.
     */
    public static void removeTemporaryFiles() {
        TempsAtExit.remove();
    }

    private static void requireNoFileAbove(Path root) {
        Path there = root.getParent();
        while (there != null && !Files.exists(there)) {
            there = there.getParent();
        }
        if (there != null && !Files.isDirectory(there)) {
            throw CheckpointException.invalid("no store can be at " + root + ": " + there
                    + " is a file, not a directory; name a directory, or a path that is free");
        }
    }

    /** Makes what is missing of the path, each name durable in its parent. */
    private static void makeRoot(Path root, FileOps ops) throws IOException {
        if (Files.isDirectory(root) || root.getParent() == null) {
            return;
        }
        makeRoot(root.getParent(), ops);
        try {
            ops.makeDirectory(root, PosixFilePermissions.fromString("rwx------"));
        } catch (FileAlreadyExistsException raced) {
            // Made meanwhile, or a file, which opening it finds out.
        } catch (IOException failure) {
            throw FileFailures.explain(failure, root);
        }
        ops.syncDirectory(root.getParent());
    }

    static CheckpointException failed(String store, IOException failure) {
        String message = "store " + store + " cannot be opened: " + words(failure);
        if (failure instanceof NoHardLinksException) {
            return new CheckpointException(FailureKind.INVALID, message, failure);
        }
        if (failure instanceof AccessDeniedException) {
            return new CheckpointException(
                    FailureKind.INVALID,
                    message + "; give this user the right to use it, or name another store",
                    failure);
        }
        return new CheckpointException(FailureKind.UNAVAILABLE, message, failure);
    }

    /** A failure of the JDK without a text of its own is told by its class. */
    private static String words(IOException failure) {
        boolean bare = failure instanceof FileSystemException system && system.getReason() == null;
        String text = String.valueOf(failure.getMessage());
        if (failure instanceof AccessDeniedException) {
            return "access denied: " + text;
        }
        return bare || failure.getMessage() == null ? failure.getClass().getSimpleName() + ": " + text : text;
    }
}
