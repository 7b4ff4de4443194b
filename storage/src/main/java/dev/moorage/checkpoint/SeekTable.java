package dev.moorage.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The seek table of the zstd seekable format, version 0.1.0: a skippable frame after the last chunk that lets other tools
 * find the frames. Moorage itself reads by its chunk table.
 */
final class SeekTable {
    private static final int SKIPPABLE_MAGIC = 0x184D2A5E;
    private static final int SEEKABLE_MAGIC = 0x8F92EAB1;
    private static final byte WITH_CHECKSUMS = (byte) 0x80;
    private static final int ENTRY_INTS = 3;
    private static final int HEADER_BYTES = 8;
    private static final int FOOTER_BYTES = 9;

    private int[] entries = new int[64 * ENTRY_INTS];
    private int used;

    /**
     * Notes the next frame.
     *
     * @param checksum low 32 bits of XXH64 of its raw bytes, as the frame itself ends with
     */
    void add(ChunkEntry frame, int checksum) {
        if (used == entries.length) {
            entries = Arrays.copyOf(entries, used * 2);
        }
        entries[used] = frame.storedBytes();
        entries[used + 1] = frame.rawBytes();
        entries[used + 2] = checksum;
        used += ENTRY_INTS;
    }

    /** The skippable frame. */
    ByteBuffer toBytes() {
        int contentBytes = used * Integer.BYTES + FOOTER_BYTES;
        ByteBuffer frame = ByteBuffer.allocate(HEADER_BYTES + contentBytes).order(ByteOrder.LITTLE_ENDIAN);
        frame.putInt(SKIPPABLE_MAGIC).putInt(contentBytes);
        for (int i = 0; i < used; i++) {
            frame.putInt(entries[i]);
        }
        frame.putInt(used / ENTRY_INTS).put(WITH_CHECKSUMS).putInt(SEEKABLE_MAGIC);
        return frame.flip();
    }
}
