package dev.moorage.worker.staging;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.WorkerId;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.Set;

/** The directory of one worker, for its user alone, held by a lock as long as the worker lives. */
final class StagingRoot implements AutoCloseable {
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rwx------");
    private static final FileAttribute<Set<PosixFilePermission>> PRIVATE_DIRECTORY =
            PosixFilePermissions.asFileAttribute(PRIVATE);
    static final FileAttribute<Set<PosixFilePermission>> PRIVATE_FILE =
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    static final String LOCK = "lock";

    private final Path path;
    private final FileChannel lockFile;

    private StagingRoot(Path path, FileChannel lockFile) {
        this.path = path;
        this.lockFile = lockFile;
    }

    Path path() {
        return path;
    }

    /**
     * Makes the directory if need be and takes the lock.
     *
     * @throws CheckpointException INVALID if it is another worker's, another user's or no directory; UNAVAILABLE if it cannot be
     *     made
     */
    static StagingRoot open(Path stagingDir, WorkerId worker) {
        Path base = stagingDir.toAbsolutePath().normalize();
        Path path = base.resolve(worker.value());
        try {
            makeAll(base);
            make(path);
            requireOwn(path);
            Files.setPosixFilePermissions(path, PRIVATE);
            return new StagingRoot(path, lock(path.resolve(LOCK), path, worker));
        } catch (UnsupportedOperationException notPosix) {
            throw CheckpointException.invalid("the staging directory " + path
                    + " is on a file system without POSIX permissions; set staging-dir");
        } catch (IOException failure) {
            throw new CheckpointException(
                    FailureKind.UNAVAILABLE,
                    "the staging directory " + path + " cannot be made: " + failure
                            + "; set staging-dir to another one",
                    failure);
        }
    }

    private static void makeAll(Path base) throws IOException {
        if (base.getParent() != null && !Files.exists(base)) {
            Files.createDirectories(base.getParent());
            make(base);
        }
        if (!Files.isDirectory(base, LinkOption.NOFOLLOW_LINKS)) {
            throw notDirectory(base);
        }
    }

    private static void make(Path directory) throws IOException {
        if (!Files.exists(directory, LinkOption.NOFOLLOW_LINKS)) {
            try {
                Files.createDirectory(directory, PRIVATE_DIRECTORY);
            } catch (java.nio.file.FileAlreadyExistsException made) {
                // Another worker of this host was quicker; the check below tells whether it is a directory.
            }
        }
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            throw notDirectory(directory);
        }
    }

    private static CheckpointException notDirectory(Path path) {
        return CheckpointException.invalid("the staging directory " + path
                + " is not a real directory (a symbolic link is refused); remove it, or set staging-dir");
    }

    private static void requireOwn(Path path) throws IOException {
        UserPrincipal owner = Files.getOwner(path, LinkOption.NOFOLLOW_LINKS);
        UserPrincipal self = Files.getOwner(Path.of("/proc/self"));
        if (!owner.equals(self)) {
            throw CheckpointException.invalid("the staging directory " + path + " belongs to " + owner + ", not to "
                    + self + "; set staging-dir to one of your own");
        }
    }

    private static FileChannel lock(Path file, Path path, WorkerId worker) throws IOException {
        FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                PRIVATE_FILE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException sameProcess) {
            // The same answer as for another process, below.
        } finally {
            if (lock == null) {
                channel.close();
            }
        }
        if (lock == null) {
            throw CheckpointException.invalid("another worker named " + worker + " runs on this host and holds " + path
                    + "; give this one another name (moorage.worker.name) or another staging-dir");
        }
        return channel;
    }

    @Override
    public void close() throws IOException {
        lockFile.close();
    }
}
