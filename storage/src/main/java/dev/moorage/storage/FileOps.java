package dev.moorage.storage;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * The calls by which a {@link FileStore} changes a file system, one method each. Tests replace it to record their order and to
 * let single ones fail: the order is what makes an object durable.
 */
class FileOps {
    /** The JDK copies heap buffers through a direct one of the same size, which it keeps per thread: so never a large one. */
    private static final int WINDOW_BYTES = 1 << 20;

    /** One positioned or sequential transfer of at most the buffer's remaining bytes; answers how many. */
    interface Transfer {
        int move(ByteBuffer window) throws IOException;
    }

    FileChannel create(Path file) throws IOException {
        return FileChannel.open(file, Set.of(CREATE_NEW, WRITE, NOFOLLOW_LINKS));
    }

    void write(Path file, FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            inWindow(bytes, channel::write);
        }
    }

    /** Makes a file's bytes durable. A failure is final: the next call may say yes although pages were dropped. */
    void sync(Path file, FileChannel channel) throws IOException {
        channel.force(true);
    }

    /** Makes the bytes durable that were written so far. A failure is as final as that of {@link #sync}. */
    void syncSoFar(Path file, FileChannel channel) throws IOException {
        channel.force(false);
    }

    /** Gives {@code file} a second name, unless that is taken. */
    void link(Path name, Path file) throws IOException {
        Files.createLink(name, file);
    }

    /** Makes the names in a directory durable. */
    void syncDirectory(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, Set.of(READ, NOFOLLOW_LINKS))) {
            channel.force(true);
        }
    }

    void unlink(Path file) throws IOException {
        Files.deleteIfExists(file);
    }

    void makeDirectory(Path directory) throws IOException {
        Files.createDirectory(directory);
    }

    void makeDirectory(Path directory, Set<PosixFilePermission> mode) throws IOException {
        Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(mode));
    }

    static BasicFileAttributes attributes(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, NOFOLLOW_LINKS);
    }

    /** Moves at most {@link #WINDOW_BYTES} of a heap buffer, or all of a direct one. */
    static int inWindow(ByteBuffer bytes, Transfer transfer) throws IOException {
        int limit = bytes.limit();
        try {
            if (!bytes.isDirect()) {
                bytes.limit(bytes.position() + Math.min(bytes.remaining(), WINDOW_BYTES));
            }
            return transfer.move(bytes);
        } finally {
            bytes.limit(limit);
        }
    }
}
