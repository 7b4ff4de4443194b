package dev.moorage.storage;

import dev.moorage.protocol.Crc32c;
import dev.moorage.storage.ObjectStore.OpenUpload;
import java.io.IOException;
import java.nio.ByteBuffer;

/** An upload to a {@link MemoryStore}. One thread. */
final class MemoryUpload implements ObjectStore.Upload {
    private static final int FIRST_BYTES = 1024;

    private final OpenUpload id;
    private final MemoryStore store;
    private ByteBuffer bytes = ByteBuffer.allocate(FIRST_BYTES);
    private boolean open = true;

    MemoryUpload(OpenUpload id, MemoryStore store) {
        this.id = id;
        this.store = store;
    }

    @Override
    public void write(ByteBuffer more) throws IOException {
        requireOpen();
        if (more.remaining() > bytes.remaining()) {
            long needed = (long) bytes.position() + more.remaining();
            if (needed > store.limits().objectBytesMax()) {
                throw new IOException(id.key() + " would have " + needed + " bytes, too long for an object in memory");
            }
            long doubled = Math.min(2L * bytes.capacity(), store.limits().objectBytesMax());
            bytes = ByteBuffer.allocate((int) Math.max(needed, doubled)).put(bytes.flip());
        }
        bytes.put(more);
    }

    @Override
    public void commit(long length, Crc32c crc) throws IOException {
        requireOpen();
        open = false;
        ByteBuffer whole = bytes.flip().slice();
        UploadCheck.check(id.key(), length, crc, whole.remaining(), Crc32c.of(whole));
        store.commit(id, whole, crc);
    }

    @Override
    public void close() {
        open = false;
        store.abortUpload(id);
    }

    private void requireOpen() throws IOException {
        if (!open) {
            throw new IOException("upload of " + id.key() + " has ended");
        }
    }
}
