package dev.moorage.checkpoint;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.Crc32c;

/**
 * A chunk of a shard: the unit of compression, checksum and range reads.
 *
 * @param rawBytes length before compression, 1 to 4 MiB
 * @param storedBytes length on the store, at least 1; equal to {@code rawBytes} for {@link Coding#RAW}
 * @param rawCrc of the bytes before compression
 * @param storedCrc of the bytes on the store; equal to {@code rawCrc} for {@link Coding#RAW}
 * @param coding how one becomes the other
 */
public record ChunkEntry(int rawBytes, int storedBytes, Crc32c rawCrc, Crc32c storedCrc, Coding coding) {
    /** The longest chunk before compression: 4 MiB. */
    public static final int RAW_BYTES_MAX = 4 << 20;

    /** The longest chunk on the store: what zstd can make of 4 MiB at worst. */
    public static final int STORED_BYTES_MAX = RAW_BYTES_MAX + RAW_BYTES_MAX / 256;

    /** How the stored bytes of a chunk become its raw bytes. */
    public enum Coding {
        /** They are the same. */
        RAW,
        /** One zstd frame. */
        ZSTD,
        /** A head and the byte planes of the elements ({@link PlaneCodec}). */
        PLANES
    }

    public ChunkEntry {
        requireNonNull(rawCrc);
        requireNonNull(storedCrc);
        requireNonNull(coding);
        Bounds.range("raw bytes of a chunk", rawBytes, 1, RAW_BYTES_MAX);
        Bounds.range("stored bytes of a chunk", storedBytes, 1, STORED_BYTES_MAX);
        Bounds.holds(
                coding != Coding.RAW || (rawBytes == storedBytes && rawCrc.equals(storedCrc)),
                "a raw chunk is stored as it is, but has " + rawBytes + " raw bytes with sum " + rawCrc + " and "
                        + storedBytes + " stored bytes with sum " + storedCrc);
    }
}
