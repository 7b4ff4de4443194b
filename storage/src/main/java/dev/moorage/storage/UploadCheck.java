package dev.moorage.storage;

import dev.moorage.protocol.Crc32c;
import java.io.IOException;

/** The comparison that every store makes before an upload becomes visible. */
final class UploadCheck {
    private UploadCheck() {}

    static void check(String key, long bytes, Crc32c crc, long bytesWritten, Crc32c crcWritten) throws IOException {
        if (bytes != bytesWritten) {
            throw new IOException(
                    "upload of " + key + " refused: expected " + bytes + " bytes, " + bytesWritten + " were written");
        }
        if (!crc.equals(crcWritten)) {
            throw new IOException("upload of " + key + " refused: expected CRC32C " + crc
                    + ", that of what was written is " + crcWritten);
        }
    }
}
