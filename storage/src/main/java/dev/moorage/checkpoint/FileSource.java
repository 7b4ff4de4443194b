package dev.moorage.checkpoint;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;

/** The first {@code length} bytes of a file, such as a staged segment. A symbolic link is refused, not followed. */
public final class FileSource implements ShardSource {
    private final Path file;
    private final FileChannel channel;
    private final long length;

    private FileSource(Path file, FileChannel channel, long length) {
        this.file = file;
        this.channel = channel;
        this.length = length;
    }

    /**
     * The whole file, as long as it is now.
     *
     * @throws CheckpointException NOT_FOUND, INVALID if it is not a regular file or may not be read, UNAVAILABLE if it cannot be opened
     */
    public static FileSource open(Path file) {
        return open(file, -1);
    }

    /**
     * The beginning of the file.
     *
     * @param length in bytes; a segment may be longer than what was staged in it
     * @throws CheckpointException as {@link #open(Path)}, and UNAVAILABLE if the file is shorter than that
     */
    public static FileSource open(Path file, long length) {
        FileChannel channel = null;
        try {
            // Before it is opened as well: opening a pipe waits for its writer.
            refuseOther(file);
            channel = FileChannel.open(file, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
            refuseOther(file);
            long size = channel.size();
            if (size < length) {
                throw CheckpointException.unavailable(file + " has " + size + " bytes, expected at least " + length);
            }
            FileSource source = new FileSource(file, channel, length < 0 ? size : length);
            channel = null;
            return source;
        } catch (NoSuchFileException absent) {
            throw CheckpointException.notFound(file + " does not exist");
        } catch (AccessDeniedException denied) {
            throw new CheckpointException(
                    FailureKind.INVALID, "no right to read " + file + "; have its owner permit it", denied);
        } catch (IOException failure) {
            throw new CheckpointException(
                    FailureKind.UNAVAILABLE, "cannot open " + file + ": " + Failures.reason(failure), failure);
        } finally {
            closeQuietly(channel);
        }
    }

    private static void refuseOther(Path file) throws IOException {
        BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
        if (found.isSymbolicLink()) {
            throw CheckpointException.invalid(
                    file + " is a symbolic link, which is not followed; name the file itself");
        }
        if (!found.isRegularFile()) {
            throw CheckpointException.invalid(file + " is not a regular file");
        }
    }

    private static void closeQuietly(FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException ignored) {
            // Only read from: nothing can be lost, and the failure that led here is the one to tell.
        }
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
        if (position + target.remaining() > length) {
            throw new EOFException(
                    file + " has " + length + " bytes, asked for " + target.remaining() + " at " + position);
        }
        long next = position;
        while (target.hasRemaining()) {
            int count = channel.read(target, next);
            if (count < 0) {
                throw new EOFException(file + " was truncated: it had " + length
                        + " bytes when it was opened and now ends at " + channel.size());
            }
            next += count;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
