package dev.moorage.checkpoint;

import dev.moorage.protocol.Dtype;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Where the chunks of a shard begin. Pure: the same header gives the same chunks.
 *
 * <p>The header of a safetensors shard has chunks of its own. A tensor of 4 MiB or more starts a chunk and is cut every
 * 4 MiB, which is a multiple of every element size; a shorter one is never cut. A tensor of 64 KiB or more never shares a
 * chunk with another dtype. Opaque bytes are cut every 4 MiB.
 */
final class ChunkPlan {
    /** Shorter tensors may lie in one chunk with other dtypes. */
    static final int MIXED_BYTES_MAX = (64 << 10) - 1;

    private final long[] begins;

    private ChunkPlan(long[] begins) {
        this.begins = begins;
    }

    /** The chunks of opaque bytes. */
    static ChunkPlan opaque(long rawBytes) {
        Cuts cuts = new Cuts();
        cuts.every(0, rawBytes);
        return cuts.end(rawBytes);
    }

    /**
     * The chunks of a safetensors shard.
     *
     * @param header checked: its tensors ascend and tile the bytes after it
     * @param rawBytes of the shard, header included
     */
    static ChunkPlan safetensors(SafetensorsHeader header, long rawBytes) {
        Cuts cuts = new Cuts();
        cuts.every(0, header.headerBytes());
        Optional<TensorEntry> firstOfChunk = Optional.empty();
        boolean allSmall = true;
        boolean oneDtype = true;
        for (TensorEntry tensor : header.tensors()) {
            if (tensor.bytes() == 0) {
                continue;
            }
            boolean small = tensor.bytes() <= MIXED_BYTES_MAX;
            boolean sameDtype = firstOfChunk.isPresent()
                    && oneDtype
                    && dtypeOf(firstOfChunk).equals(tensor.dtype());
            boolean joins = firstOfChunk.isPresent()
                    && tensor.bytes() < ChunkEntry.RAW_BYTES_MAX
                    && tensor.begin() + tensor.bytes() - cuts.last() <= ChunkEntry.RAW_BYTES_MAX
                    && (sameDtype || (allSmall && small));
            if (joins) {
                allSmall &= small;
                oneDtype &= sameDtype;
            } else {
                cuts.every(tensor.begin(), tensor.begin() + tensor.bytes());
                firstOfChunk = Optional.of(tensor);
                allSmall = small;
                oneDtype = true;
            }
        }
        return cuts.end(rawBytes);
    }

    private static Dtype dtypeOf(Optional<TensorEntry> tensor) {
        return tensor.orElseThrow().dtype();
    }

    /** How many chunks there are; none for an empty shard. */
    int count() {
        return begins.length - 1;
    }

    /** First byte of a chunk. */
    long begin(int chunk) {
        return begins[chunk];
    }

    /** Length of a chunk, 1 to 4 MiB. */
    int bytes(int chunk) {
        return (int) (begins[chunk + 1] - begins[chunk]);
    }

    /** All lengths, for tests. */
    List<Integer> lengths() {
        return IntStream.range(0, count()).mapToObj(this::bytes).toList();
    }

    /** The beginnings as they are found. */
    private static final class Cuts {
        private long[] begins = new long[64];
        private int count;

        void every(long from, long to) {
            for (long begin = from; begin < to; begin += ChunkEntry.RAW_BYTES_MAX) {
                add(begin);
            }
        }

        long last() {
            return begins[count - 1];
        }

        ChunkPlan end(long rawBytes) {
            add(rawBytes);
            return new ChunkPlan(Arrays.copyOf(begins, count));
        }

        private void add(long begin) {
            if (count == begins.length) {
                begins = Arrays.copyOf(begins, count * 2);
            }
            begins[count++] = begin;
        }
    }
}
