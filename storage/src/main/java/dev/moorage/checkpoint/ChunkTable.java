package dev.moorage.checkpoint;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.Crc32c;
import java.util.List;

/**
 * The chunks of a shard. They tile its raw bytes in order; followed by the trailer they tile its stored bytes.
 *
 * @param trailerBytes stored bytes after the last chunk, such as a seek table; 0 for none
 * @param trailerCrc of those bytes
 */
public record ChunkTable(List<ChunkEntry> chunks, int trailerBytes, Crc32c trailerCrc) {
    public ChunkTable {
        chunks = List.copyOf(chunks);
        requireNonNull(trailerCrc);
        Bounds.range("bytes of a trailer", trailerBytes, 0, Integer.MAX_VALUE);
        Bounds.holds(
                trailerBytes > 0 || trailerCrc.equals(Crc32c.EMPTY), "an empty trailer has a sum of " + trailerCrc);
    }

    /** Length of the raw shard. */
    public long rawBytes() {
        return chunks.stream().mapToLong(ChunkEntry::rawBytes).sum();
    }

    /** Length of the stored object. */
    public long storedBytes() {
        return chunks.stream().mapToLong(ChunkEntry::storedBytes).sum() + trailerBytes;
    }

    /** Sum of the raw shard, combined from the chunks' sums. */
    public Crc32c rawCrc() {
        Crc32c sum = Crc32c.EMPTY;
        for (ChunkEntry chunk : chunks) {
            sum = sum.followedBy(chunk.rawCrc(), chunk.rawBytes());
        }
        return sum;
    }

    /** Sum of the stored object, combined from the chunks' sums and the trailer's. */
    public Crc32c storedCrc() {
        Crc32c sum = Crc32c.EMPTY;
        for (ChunkEntry chunk : chunks) {
            sum = sum.followedBy(chunk.storedCrc(), chunk.storedBytes());
        }
        return sum.followedBy(trailerCrc, trailerBytes);
    }
}
