package dev.moorage.storage;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.READ;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Objects as files below one directory, on a local or a shared file system.
 *
 * <p>An object is written to a temporary file in its directory, made durable, linked under its name, and the name made durable:
 * {@code link(2)} gives a name to one writer only, on every file system that has hard links, and never to half a file. Nothing
 * outside of the root is touched and no symbolic link below it is followed. A key cannot begin with another object's key and a
 * slash, as a file is not a directory.
 */
final class FileStore implements ObjectStore {
    private static final Limits LIMITS = new Limits(Long.MAX_VALUE, 8);

    private final FileTree tree;
    private final FileListing listing;
    private final FileOps ops;

    /** @param root a real path to a directory that exists */
    FileStore(Path root, FileOps ops) {
        this.tree = new FileTree(root, ops);
        this.listing = new FileListing(tree);
        this.ops = ops;
    }

    @Override
    public Upload upload(String key) throws IOException {
        Keys.checkKey(key);
        return new FileUpload(key, TempFile.create(ops, tree.place(key)));
    }

    @Override
    public Created createOnce(String key, ByteBuffer body, Duration deadline) throws IOException {
        Keys.checkKey(key);
        Keys.checkBody(key, body);
        long begun = System.nanoTime();
        try {
            do {
                Optional<Created> there = existing(key, body);
                if (there.isPresent()) {
                    return there.get();
                }
                if (create(tree.place(key), body)) {
                    return new Created.Won();
                }
                // The name was taken: the next round reads what is there. Only a delete in between makes a third one.
            } while (System.nanoTime() - begun < deadline.toNanos());
            return existing(key, body).orElseGet(() -> new Created.Unknown(key + " was made and removed meanwhile"));
        } catch (InDoubtException doubt) {
            return new Created.Unknown(doubt.getMessage());
        }
    }

    private boolean create(Path target, ByteBuffer body) throws IOException {
        try (TempFile file = TempFile.create(ops, target)) {
            file.write(body.duplicate());
            file.seal();
            return file.link() == TempFile.Linked.LINKED;
        }
    }

    /** The answer if the name is taken, once that is durable: its maker may have stopped before the last sync. */
    private Optional<Created> existing(String key, ByteBuffer body) throws IOException {
        ByteBuffer there;
        try {
            there = readWhole(key);
            TempFile.syncNames(ops, tree.place(key));
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        } catch (NotAnObjectException never) {
            throw never;
        } catch (IOException failure) {
            throw new InDoubtException("what is at " + key + " cannot be read: " + failure, failure);
        }
        return Optional.of(there.equals(body) ? new Created.Won() : new Created.Lost(there.asReadOnlyBuffer()));
    }

    private ByteBuffer readWhole(String key) throws IOException {
        try (FileChannel channel = FileChannel.open(tree.object(key), Set.of(READ, NOFOLLOW_LINKS))) {
            ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(channel.size()));
            readFully(key, channel, 0, bytes);
            return bytes.flip();
        }
    }

    @Override
    public void read(String key, long position, ByteBuffer target) throws IOException {
        Keys.checkKey(key);
        Keys.checkPosition(key, position);
        try (FileChannel channel = FileChannel.open(tree.object(key), Set.of(READ, NOFOLLOW_LINKS))) {
            readFully(key, channel, position, target);
        }
    }

    private static void readFully(String key, FileChannel channel, long position, ByteBuffer target)
            throws IOException {
        long next = position;
        while (target.hasRemaining()) {
            long from = next;
            int count = FileOps.inWindow(target, window -> channel.read(window, from));
            if (count < 0) {
                throw new EOFException(
                        key + " ends at " + channel.size() + ", asked for " + target.remaining() + " bytes at " + next);
            }
            next += count;
        }
    }

    @Override
    public Stat stat(String key) throws IOException {
        Keys.checkKey(key);
        return new Stat(FileOps.attributes(tree.object(key)).size(), Optional.empty());
    }

    @Override
    public Stream<StoredObject> list(String prefix) throws IOException {
        Keys.checkPrefix(prefix);
        return listing.objects(prefix).stream();
    }

    @Override
    public List<String> children(String prefix) throws IOException {
        Keys.checkFolder(prefix);
        return listing.children(prefix);
    }

    @Override
    public void delete(String key) throws IOException {
        Keys.checkKey(key);
        Path file;
        try {
            file = tree.object(key);
        } catch (NoSuchFileException absent) {
            return;
        }
        remove(file);
    }

    @Override
    public Stream<OpenUpload> listOpenUploads(String prefix) throws IOException {
        Keys.checkPrefix(prefix);
        return listing.openUploads(prefix).stream();
    }

    @Override
    public void abortUpload(OpenUpload upload) throws IOException {
        Keys.checkKey(upload.key());
        if (!TempFile.meantFor(upload.id()).equals(Optional.of(Keys.name(upload.key())))) {
            throw new IllegalArgumentException("not an open upload of this store: " + upload.key());
        }
        try {
            ops.unlink(tree.folder(Keys.folder(upload.key())).resolve(upload.id()));
        } catch (NoSuchFileException absent) {
            // Its directory is gone, and it too.
        }
    }

    private void remove(Path file) throws IOException {
        try {
            ops.unlink(file);
            ops.syncDirectory(file.getParent());
        } catch (IOException failure) {
            throw FileFailures.explain(failure, file);
        }
    }

    @Override
    public Limits limits() {
        return LIMITS;
    }

    @Override
    public void close() {}

    @Override
    public String toString() {
        return tree.root().toUri().toString();
    }
}
