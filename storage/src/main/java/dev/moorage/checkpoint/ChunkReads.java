package dev.moorage.checkpoint;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Crc32c;
import dev.moorage.storage.ObjectStore;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.zip.CRC32C;

/**
 * The chunks of one stored shard, fetched and proved. Used by several lanes at once; {@link #close} gives back what lies
 * outside of the heap.
 */
final class ChunkReads implements AutoCloseable {
    private final ObjectStore store;
    private final ShardPlace place;
    private final ChunkTable table;
    private final boolean validates;
    private final ZstdFrames frames = ZstdFrames.ofLevel(1);
    private final PlaneCodec planes = new PlaneCodec();

    /** Where each chunk begins; one entry more than chunks. */
    private final long[] rawBegins;

    private final long[] storedBegins;

    /**
     * @param validates whether sums are compared
     * @throws CheckpointException CORRUPT if the chunk table is not that of the shard
     */
    ChunkReads(ObjectStore store, ShardPlace place, ShardDetail detail, boolean validates) {
        this.validates = validates;
        this.store = store;
        this.place = place;
        this.table = detail.chunks();
        try {
            detail.describes(place.stored());
        } catch (CheckpointException contradiction) {
            throw place.corrupt("its part record contradicts itself: " + contradiction.getMessage());
        }
        rawBegins = new long[count() + 1];
        storedBegins = new long[count() + 1];
        for (int i = 0; i < count(); i++) {
            rawBegins[i + 1] = rawBegins[i] + entry(i).rawBytes();
            storedBegins[i + 1] = storedBegins[i] + entry(i).storedBytes();
        }
    }

    int count() {
        return table.chunks().size();
    }

    ChunkEntry entry(int chunk) {
        return table.chunks().get(chunk);
    }

    long rawBegin(int chunk) {
        return rawBegins[chunk];
    }

    /** The chunk that holds a raw byte. */
    int chunkAt(long position) {
        int found = Arrays.binarySearch(rawBegins, position);
        return found >= 0 ? found : -found - 2;
    }

    /** How many buffers {@link #raw} needs: one for what is stored, one for what comes out, and one between them for planes. */
    int buffersPerChunk() {
        return table.chunks().stream()
                .mapToInt(entry -> switch (entry.coding()) {
                    case RAW -> 1;
                    case ZSTD -> 2;
                    case PLANES -> 3;
                })
                .max()
                .orElse(1);
    }

    /**
     * The raw bytes of a chunk, proved by both sums.
     *
     * @return one of {@code buffers}
     * @throws CheckpointException CORRUPT if they are not what was saved
     * @throws IOException if the store does not answer
     */
    ByteBuffer raw(int chunk, List<ByteBuffer> buffers) throws IOException {
        ChunkEntry entry = entry(chunk);
        String name = "chunk " + chunk;
        ByteBuffer stored = buffers.get(0).clear().limit(entry.storedBytes());
        proven(name, storedBegins[chunk], stored, entry.storedCrc());
        if (entry.coding() == ChunkEntry.Coding.RAW) {
            return stored;
        }
        ByteBuffer raw = buffers.get(1).clear();
        CRC32C sum = new CRC32C();
        Optional<String> damage = decode(entry, stored, raw, buffers, validates ? sum::update : bytes -> {});
        if (damage.isPresent()) {
            throw place.corrupt(name + ": " + damage.get());
        }
        Crc32c actual = new Crc32c((int) sum.getValue());
        if (validates && !actual.equals(entry.rawCrc())) {
            throw place.corrupt(differs(name + ": the sum of its raw bytes", entry.rawCrc(), actual));
        }
        return raw;
    }

    private Optional<String> decode(
            ChunkEntry entry, ByteBuffer stored, ByteBuffer raw, List<ByteBuffer> buffers, Consumer<ByteBuffer> seen) {
        if (entry.coding() == ChunkEntry.Coding.PLANES) {
            return planes.decode(stored, buffers.get(2), raw, entry.rawBytes(), seen);
        }
        Optional<String> damage = frames.decompress(stored, raw, entry.rawBytes());
        if (damage.isEmpty()) {
            seen.accept(raw.duplicate());
        }
        return damage;
    }

    /**
     * Proves the bytes after the last chunk.
     *
     * @param buffer any; the trailer may be longer
     * @throws CheckpointException CORRUPT if they are not what was saved
     */
    void proveTrailer(ByteBuffer buffer) throws IOException {
        Crc32c actual = trailerSum(buffer);
        if (!actual.equals(table.trailerCrc())) {
            actual = trailerSum(buffer);
        }
        if (!actual.equals(table.trailerCrc())) {
            throw place.corrupt(differs("trailer: the sum of its stored bytes", table.trailerCrc(), actual));
        }
    }

    private Crc32c trailerSum(ByteBuffer buffer) throws IOException {
        Crc32c sum = Crc32c.EMPTY;
        long position = storedBegins[count()];
        for (int left = table.trailerBytes(); left > 0; ) {
            int bytes = Math.min(left, buffer.capacity());
            buffer.clear().limit(bytes);
            fill("trailer", position, buffer);
            sum = sum.followedBy(Crc32c.of(buffer), bytes);
            position += bytes;
            left -= bytes;
        }
        return sum;
    }

    /**
     * What the store says of the object without reading it.
     *
     * @throws CheckpointException CORRUPT if it is gone
     */
    static ObjectStore.Stat stat(ObjectStore store, ShardPlace place) throws IOException {
        try {
            return store.stat(place.key());
        } catch (NoSuchFileException absent) {
            throw gone(place);
        }
    }

    /**
     * Proves that the object is as long as was recorded.
     *
     * @param detail names the first chunk that a short object lacks
     * @throws CheckpointException CORRUPT if not
     */
    static void proveLength(ObjectStore.Stat stat, ShardPlace place, Optional<ShardDetail> detail) {
        long expected = place.stored().storedBytes();
        if (stat.bytes() != expected) {
            String lacking = stat.bytes() > expected
                    ? ""
                    : detail.map(known -> ", it ends in " + lastOf(known.chunks(), stat.bytes()))
                            .orElse("");
            throw place.corrupt("the object has " + stat.bytes() + " bytes, expected " + expected + lacking);
        }
    }

    /**
     * Proves that the sum which the store itself keeps, if it keeps one, is that of what was saved.
     *
     * @throws CheckpointException CORRUPT if not
     */
    static void proveSum(ObjectStore.Stat stat, ShardPlace place) {
        Crc32c expected = place.stored().storedCrc();
        if (stat.crc().isPresent() && !stat.crc().get().equals(expected)) {
            throw place.corrupt(differs(
                    "the sum that the store keeps of the object",
                    expected,
                    stat.crc().get()));
        }
    }

    private static String lastOf(ChunkTable table, long storedBytes) {
        long end = 0;
        for (int chunk = 0; chunk < table.chunks().size(); chunk++) {
            end += table.chunks().get(chunk).storedBytes();
            if (end > storedBytes) {
                return "chunk " + chunk;
            }
        }
        return "its trailer";
    }

    /** Reads until the sum holds, twice at most: a flip on the way is not damage, one that stays is. */
    private void proven(String name, long position, ByteBuffer stored, Crc32c expected) throws IOException {
        fill(name, position, stored);
        if (!validates || Crc32c.of(stored).equals(expected)) {
            return;
        }
        fill(name, position, stored);
        Crc32c actual = Crc32c.of(stored);
        if (!actual.equals(expected)) {
            throw place.corrupt(differs(name + ": the sum of its stored bytes", expected, actual));
        }
    }

    private void fill(String name, long position, ByteBuffer target) throws IOException {
        try {
            fillOnce(position, target);
        } catch (EOFException cutShort) {
            try {
                fillOnce(position, target);
            } catch (EOFException stillShort) {
                throw place.corrupt(name + ": the object ends before it does; expected "
                        + place.stored().storedBytes() + " bytes in all");
            }
        }
    }

    private void fillOnce(long position, ByteBuffer target) throws IOException {
        try {
            target.position(0);
            store.read(place.key(), position, target);
            target.position(0);
        } catch (NoSuchFileException absent) {
            throw gone(place);
        }
    }

    private static CheckpointException gone(ShardPlace place) {
        return place.corrupt("the shard was deleted: there is no such object");
    }

    private static String differs(String what, Crc32c expected, Crc32c actual) {
        return what + " is " + actual + ", expected " + expected;
    }

    @Override
    public void close() {
        frames.close();
        planes.close();
    }
}
