package dev.moorage.storage;

import dev.moorage.protocol.Crc32c;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.util.zip.CRC32C;

/** An upload to a {@link FileStore}: a {@link TempFile} with a running sum. One thread. */
final class FileUpload implements ObjectStore.Upload {
    private final String key;
    private final TempFile file;
    private final CRC32C sum = new CRC32C();
    private long written;
    private boolean open = true;

    FileUpload(String key, TempFile file) {
        this.key = key;
        this.file = file;
    }

    @Override
    public void write(ByteBuffer bytes) throws IOException {
        requireOpen();
        int count = bytes.remaining();
        sum.update(bytes.duplicate());
        file.write(bytes);
        written += count;
    }

    @Override
    public void commit(long bytes, Crc32c crc) throws IOException {
        requireOpen();
        open = false;
        UploadCheck.check(key, bytes, crc, written, new Crc32c((int) sum.getValue()));
        long there = file.bytes();
        if (there != bytes) {
            throw new IOException("upload of " + key + " refused: the file has " + there + " bytes, expected " + bytes);
        }
        file.seal();
        if (file.link() == TempFile.Linked.TAKEN) {
            throw new FileAlreadyExistsException(key, null, "an object is never replaced");
        }
    }

    @Override
    public void close() {
        open = false;
        file.close();
    }

    private void requireOpen() throws IOException {
        if (!open) {
            throw new IOException("upload of " + key + " has ended");
        }
    }
}
