package dev.moorage.checkpoint;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A file, or a part of one, that is being filled by positioned writes. Giving it its final name, once all of it has been
 * verified, is left to the caller.
 */
public final class FileTarget implements ShardTarget, AutoCloseable {
    private final Path file;
    private final FileChannel channel;
    private final long base;

    private FileTarget(Path file, FileChannel channel, long base) {
        this.file = file;
        this.channel = channel;
        this.base = base;
    }

    /**
     * Makes a new file.
     *
     * @throws CheckpointException INVALID if the name is taken, UNAVAILABLE if the file cannot be made
     */
    public static FileTarget create(Path file) {
        return open(file, 0, StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW);
    }

    /**
     * Fills a file that is there, such as a segment, from a byte position on. A symbolic link is refused.
     *
     * @throws CheckpointException UNAVAILABLE if the file cannot be opened
     */
    public static FileTarget into(Path file, long base) {
        return open(file, base, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
    }

    private static FileTarget open(Path file, long base, java.nio.file.OpenOption... options) {
        try {
            return new FileTarget(file, FileChannel.open(file, options), base);
        } catch (FileAlreadyExistsException taken) {
            throw CheckpointException.invalid(file + " exists; nothing is overwritten: remove it or name another file");
        } catch (IOException failure) {
            throw new CheckpointException(
                    FailureKind.UNAVAILABLE, "cannot write " + file + ": " + Failures.reason(failure), failure);
        }
    }

    @Override
    public void write(long position, ByteBuffer bytes) throws IOException {
        long next = base + position;
        try {
            while (bytes.hasRemaining()) {
                next += channel.write(bytes, next);
            }
        } catch (ClosedChannelException ended) {
            throw ended;
        } catch (IOException failure) {
            throw new IOException(
                    file + ": " + Failures.reason(failure) + "; make room there or name another target", failure);
        }
    }

    /** Makes what was written durable. */
    public void force() throws IOException {
        channel.force(true);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
