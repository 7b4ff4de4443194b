package dev.moorage.checkpoint;

import dev.moorage.storage.MemoryStore;
import dev.moorage.storage.ObjectStore;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/** A store in memory whose objects can be changed behind its back, and whose reads can be made to misbehave. */
final class TamperedStore implements ObjectStore {
    /** Called after each read, with what was read. */
    interface AfterRead {
        void accept(String key, long position, ByteBuffer read) throws IOException;
    }

    /** Called before each write to an upload. */
    interface BeforeWrite {
        void run() throws IOException;
    }

    private volatile ObjectStore inner = new MemoryStore();
    private final Map<String, byte[]> replaced = new ConcurrentHashMap<>();
    volatile AfterRead afterRead = (key, position, read) -> {};
    volatile BeforeWrite beforeWrite = () -> {};

    /** An empty, well-behaved store again. */
    void reset() {
        inner = new MemoryStore();
        replaced.clear();
        afterRead = (key, position, read) -> {};
        beforeWrite = () -> {};
    }

    void replace(String key, byte[] content) {
        replaced.put(key, content);
    }

    byte[] content(String key) throws IOException {
        ByteBuffer content = ByteBuffer.allocate((int) stat(key).bytes());
        inner.read(key, 0, content);
        return content.array();
    }

    List<String> keys() throws IOException {
        try (Stream<StoredObject> all = inner.list("")) {
            return all.map(StoredObject::key).toList();
        }
    }

    @Override
    public Upload upload(String key) throws IOException {
        Upload upload = inner.upload(key);
        return new Upload() {
            @Override
            public void write(ByteBuffer bytes) throws IOException {
                beforeWrite.run();
                upload.write(bytes);
            }

            @Override
            public void commit(long bytes, dev.moorage.protocol.Crc32c crc) throws IOException {
                upload.commit(bytes, crc);
            }

            @Override
            public void close() throws IOException {
                upload.close();
            }
        };
    }

    @Override
    public void read(String key, long position, ByteBuffer target) throws IOException {
        ByteBuffer read = target.slice();
        byte[] content = replaced.get(key);
        if (content == null) {
            inner.read(key, position, target);
        } else if (position + target.remaining() > content.length) {
            throw new EOFException(key);
        } else {
            target.put(content, (int) position, target.remaining());
        }
        afterRead.accept(key, position, read);
    }

    @Override
    public Stat stat(String key) throws IOException {
        Stat stat = inner.stat(key);
        byte[] content = replaced.get(key);
        return content == null ? stat : new Stat(content.length, java.util.Optional.empty());
    }

    @Override
    public Created createOnce(String key, ByteBuffer body, Duration deadline) throws IOException {
        return inner.createOnce(key, body, deadline);
    }

    @Override
    public Stream<StoredObject> list(String prefix) throws IOException {
        return inner.list(prefix);
    }

    @Override
    public List<String> children(String prefix) throws IOException {
        return inner.children(prefix);
    }

    @Override
    public void delete(String key) throws IOException {
        inner.delete(key);
    }

    @Override
    public Stream<OpenUpload> listOpenUploads(String prefix) throws IOException {
        return inner.listOpenUploads(prefix);
    }

    @Override
    public void abortUpload(OpenUpload upload) throws IOException {
        inner.abortUpload(upload);
    }

    @Override
    public Limits limits() {
        return inner.limits();
    }

    @Override
    public String toString() {
        return "tampered " + inner;
    }

    @Override
    public void close() throws IOException {
        inner.close();
    }
}
