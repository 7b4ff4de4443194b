package dev.moorage.checkpoint;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.FailureKind;
import dev.moorage.storage.ObjectStore;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Optional;
import java.util.OptionalLong;

/** Reads any object, or a range of one, into memory and compares it with a sum that the caller knows. */
record ObjectReads(ObjectStore store, boolean validates) {
    private static final int BYTES_MAX = Integer.MAX_VALUE - 8;

    ByteBuffer read(String key, long offset, OptionalLong length, Optional<Crc32c> expected) {
        String what = offset == 0 && length.isEmpty() ? "object" : "range at " + offset;
        try {
            int bytes = length(key, offset, length);
            ByteBuffer content = ByteBuffer.allocate(bytes);
            Audit audit = new Audit(what, key, bytes);
            fill(key, offset, content);
            if (!validates || expected.isEmpty()) {
                audit.skipped();
                return content;
            }
            if (!Crc32c.of(content).equals(expected.get())) {
                fill(key, offset, content);
            }
            compare(audit, Crc32c.of(content), expected.get());
            return content;
        } catch (NoSuchFileException absent) {
            throw CheckpointException.notFound("there is no object " + key + " in " + store);
        } catch (IllegalArgumentException badKey) {
            throw new CheckpointException(
                    FailureKind.INVALID, Text.quote(key) + " is no key: " + badKey.getMessage(), badKey);
        } catch (IOException failure) {
            throw new CheckpointException(
                    FailureKind.UNAVAILABLE,
                    "object " + key + " cannot be read now: " + Failures.reason(failure) + "; try again",
                    failure);
        }
    }

    private static void compare(Audit audit, Crc32c actual, Crc32c expected) {
        if (actual.equals(expected)) {
            audit.good(Optional.of(expected), Optional.of(actual));
            return;
        }
        CheckpointException corrupt = CheckpointException.corrupt(audit.what() + ", key " + audit.where()
                + ": the sum of its " + audit.bytes() + " bytes is " + actual + ", expected " + expected);
        audit.failed(corrupt);
        throw corrupt;
    }

    private int length(String key, long offset, OptionalLong length) throws IOException {
        long size = store.stat(key).bytes();
        long bytes = length.orElse(size - offset);
        if (offset < 0 || offset > size || bytes < 0 || bytes > size - offset) {
            throw CheckpointException.invalid("object " + key + " has " + size + " bytes; there are no "
                    + (length.isPresent() ? bytes + " " : "") + "bytes at " + offset);
        }
        if (bytes > BYTES_MAX) {
            throw CheckpointException.invalid("object " + key + ": " + bytes + " bytes do not fit one buffer of "
                    + BYTES_MAX + "; read it in ranges");
        }
        return (int) bytes;
    }

    /** In pieces: the JDK copies what is read into the heap through direct memory as long as the piece. */
    private void fill(String key, long offset, ByteBuffer content) throws IOException {
        for (int position = 0; position < content.capacity(); position += ChunkEntry.RAW_BYTES_MAX) {
            int bytes = Math.min(ChunkEntry.RAW_BYTES_MAX, content.capacity() - position);
            try {
                store.read(key, offset + position, content.slice(position, bytes));
            } catch (EOFException changed) {
                throw CheckpointException.corrupt("object " + key + " ends before byte " + (offset + position + bytes)
                        + ", which it had a moment ago");
            }
        }
    }
}
