package dev.moorage.storage;

import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.Nonce;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.stream.Stream;

/**
 * Objects in this process's memory: the reference of what a store does, for tests and for trying things out. Keeps a sum of
 * each object, as cloud stores do. Objects end at 2 GiB, and with the process. Threads: any.
 */
public final class MemoryStore implements ObjectStore {
    private static final Limits LIMITS = new Limits(Integer.MAX_VALUE - 8, 4);

    private record Held(ByteBuffer bytes, Crc32c crc) {}

    private final String name;
    private final NavigableMap<String, Held> objects = new ConcurrentSkipListMap<>();
    private final Map<OpenUpload, MemoryUpload> uploads = new ConcurrentHashMap<>();

    /** An empty store without a name. */
    public MemoryStore() {
        this("");
    }

    /** @param name for people and logs */
    MemoryStore(String name) {
        this.name = name;
    }

    @Override
    public Upload upload(String key) {
        Keys.checkKey(key);
        OpenUpload id = new OpenUpload(key, Nonce.random().value());
        MemoryUpload upload = new MemoryUpload(id, this);
        uploads.put(id, upload);
        return upload;
    }

    @Override
    public Created createOnce(String key, ByteBuffer body, Duration deadline) {
        Keys.checkKey(key);
        Keys.checkBody(key, body);
        ByteBuffer copy = ByteBuffer.allocate(body.remaining())
                .put(body.duplicate())
                .flip()
                .asReadOnlyBuffer();
        Held there = objects.putIfAbsent(key, new Held(copy, Crc32c.of(copy)));
        return there == null || there.bytes().equals(copy)
                ? new Created.Won()
                : new Created.Lost(there.bytes().duplicate());
    }

    @Override
    public void read(String key, long position, ByteBuffer target) throws IOException {
        Keys.checkKey(key);
        Keys.checkPosition(key, position);
        ByteBuffer bytes = held(key).bytes().duplicate();
        int length = target.remaining();
        if (length > 0 && position > bytes.limit() - length) {
            throw new EOFException(
                    key + " ends at " + bytes.limit() + ", asked for " + length + " bytes at " + position);
        }
        if (length > 0) {
            target.put(bytes.slice((int) position, length));
        }
    }

    @Override
    public Stat stat(String key) throws IOException {
        Keys.checkKey(key);
        Held held = held(key);
        return new Stat(held.bytes().limit(), Optional.of(held.crc()));
    }

    @Override
    public Stream<StoredObject> list(String prefix) {
        Keys.checkPrefix(prefix);
        return objects.tailMap(prefix).entrySet().stream()
                .takeWhile(entry -> entry.getKey().startsWith(prefix))
                .map(entry -> new StoredObject(
                        entry.getKey(), entry.getValue().bytes().limit()));
    }

    @Override
    public List<String> children(String prefix) {
        Keys.checkFolder(prefix);
        return list(prefix)
                .map(object -> object.key().substring(prefix.length()))
                .map(rest -> rest.contains("/") ? rest.substring(0, rest.indexOf('/')) : rest)
                .distinct()
                .sorted()
                .toList();
    }

    @Override
    public void delete(String key) {
        Keys.checkKey(key);
        objects.remove(key);
    }

    @Override
    public Stream<OpenUpload> listOpenUploads(String prefix) {
        Keys.checkPrefix(prefix);
        return uploads.keySet().stream()
                .filter(upload -> upload.key().startsWith(prefix))
                .sorted(Comparator.comparing(OpenUpload::key).thenComparing(OpenUpload::id));
    }

    @Override
    public void abortUpload(OpenUpload upload) {
        Keys.checkKey(upload.key());
        uploads.remove(upload);
    }

    /** Ends an upload: visible, unless it was aborted or the key is taken. */
    void commit(OpenUpload upload, ByteBuffer bytes, Crc32c crc) throws IOException {
        if (uploads.remove(upload) == null) {
            throw new NoSuchFileException(upload.key(), null, "the upload was aborted");
        }
        if (objects.putIfAbsent(upload.key(), new Held(bytes.asReadOnlyBuffer(), crc)) != null) {
            throw new FileAlreadyExistsException(upload.key(), null, "an object is never replaced");
        }
    }

    private Held held(String key) throws NoSuchFileException {
        Held held = objects.get(key);
        if (held == null) {
            throw new NoSuchFileException(key);
        }
        return held;
    }

    @Override
    public Limits limits() {
        return LIMITS;
    }

    /** Does nothing: the objects stay for others who have opened the same store. */
    @Override
    public void close() {}

    @Override
    public String toString() {
        return "mem:" + name;
    }
}
