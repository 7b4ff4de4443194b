package dev.moorage.storage;

import dev.moorage.protocol.Nonce;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A file beside the name that it is meant for: written, made durable, then linked under that name. {@link #close} removes
 * it. One thread.
 */
final class TempFile implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(TempFile.class);

    /** The target's name is kept in it, so that whoever finds it later knows what it was meant for. */
    private static final Pattern NAME = Pattern.compile("\\.tmp-[0-9a-f]{32}-(.+)");

    /**
     * So much is made durable at a time. Left to the end, all of a large file would be, and for minutes nothing would move:
     * whoever watches over the bytes would take the writer for dead.
     */
    static final long SYNC_BYTES = 128L << 20;

    /** Whether the target's name was free. */
    enum Linked {
        LINKED,
        TAKEN
    }

    private final FileOps ops;
    private final Path target;
    private final Path file;
    private final FileChannel channel;
    private long unsynced;

    private TempFile(FileOps ops, Path target, Path file, FileChannel channel) {
        this.ops = ops;
        this.target = target;
        this.file = file;
        this.channel = channel;
    }

    static TempFile create(FileOps ops, Path target) throws IOException {
        Path file = target.resolveSibling(Keys.TEMP_PREFIX + Nonce.random() + "-" + target.getFileName());
        try {
            TempFile created = new TempFile(ops, target, file, ops.create(file));
            TempsAtExit.opened(file);
            return created;
        } catch (IOException failure) {
            throw FileFailures.explain(failure, target);
        }
    }

    /** The name that a temporary file was meant for; empty for any other file. */
    static Optional<String> meantFor(String name) {
        Matcher matcher = NAME.matcher(name);
        return matcher.matches() && Keys.isSegment(matcher.group(1)) ? Optional.of(matcher.group(1)) : Optional.empty();
    }

    void write(ByteBuffer bytes) throws IOException {
        int count = bytes.remaining();
        try {
            ops.write(file, channel, bytes);
            unsynced += count;
            if (unsynced >= SYNC_BYTES) {
                ops.syncSoFar(file, channel);
                unsynced = 0;
            }
        } catch (IOException failure) {
            throw FileFailures.explain(failure, target);
        }
    }

    long bytes() throws IOException {
        return channel.size();
    }

    /** Makes the bytes durable. Called once; after a failure the file is of no use. */
    void seal() throws IOException {
        try {
            ops.sync(file, channel);
            channel.close();
        } catch (IOException failure) {
            throw FileFailures.explain(failure, target);
        }
    }

    /**
     * Gives the file its target's name, durably.
     *
     * @throws InDoubtException if the name may have been made, or may not survive a crash
     * @throws IOException if it certainly was not made
     */
    Linked link() throws IOException {
        if (!tryLink()) {
            return Linked.TAKEN;
        }
        syncNames(ops, target);
        return Linked.LINKED;
    }

    /** Makes the name of {@code target} durable, whoever made it. */
    static void syncNames(FileOps ops, Path target) throws InDoubtException {
        try {
            ops.syncDirectory(target.getParent());
        } catch (IOException failure) {
            throw new InDoubtException(target + " is there but may not survive a crash: " + failure, failure);
        }
    }

    private boolean tryLink() throws IOException {
        try {
            ops.link(target, file);
            return true;
        } catch (FileAlreadyExistsException taken) {
            if (!FileOps.attributes(target).isRegularFile()) {
                throw new NotAnObjectException(target, "is there and is not a file; remove it from the store");
            }
            return isTarget();
        } catch (UnsupportedOperationException never) {
            throw FileFailures.noHardLinks(target, never);
        } catch (IOException failure) {
            if (isTarget()) {
                return true;
            }
            IOException explained = FileFailures.explainLink(failure, target);
            throw FileFailures.isCertain(explained)
                    ? explained
                    : new InDoubtException("no clear answer to the link of " + target + ": " + failure, failure);
        }
    }

    /** Whether the target is this very file: on a network file system a link can happen and its answer be lost. */
    private boolean isTarget() {
        try {
            Object id = FileOps.attributes(file).fileKey();
            return id != null && id.equals(FileOps.attributes(target).fileKey());
        } catch (IOException unknown) {
            return false;
        }
    }

    /** Removes the temporary name; the target, once linked, stays. */
    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException failure) {
            LOG.debug("closing {}", file, failure);
        }
        try {
            ops.unlink(file);
        } catch (IOException failure) {
            // What was decided stands: the file is invisible, and listed as an open upload.
            LOG.warn("{} stays behind; abort it as an open upload", file, failure);
        }
        TempsAtExit.closed(file);
    }
}
