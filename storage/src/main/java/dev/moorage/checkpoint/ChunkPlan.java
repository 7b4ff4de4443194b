package dev.moorage.checkpoint;

import dev.moorage.protocol.Dtype;
import java.util.ArrayList;
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
    private final List<ChunkContent> contents;

    private ChunkPlan(long[] begins, List<ChunkContent> contents) {
        this.begins = begins;
        this.contents = contents;
    }

    /** The chunks of opaque bytes. */
    static ChunkPlan opaque(long rawBytes) {
        Cuts cuts = new Cuts();
        cuts.every(0, rawBytes, ChunkContent.UNKNOWN);
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
        cuts.every(0, header.headerBytes(), ChunkContent.UNKNOWN);
        Optional<TensorEntry> firstOfChunk = Optional.empty();
        long longest = 0;
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
                if (!oneDtype) {
                    cuts.replaceLast(ChunkContent.UNKNOWN);
                } else if (tensor.bytes() > longest) {
                    longest = tensor.bytes();
                    cuts.replaceLast(ChunkContent.of(tensor));
                }
            } else {
                cuts.every(tensor.begin(), tensor.end(), ChunkContent.of(tensor));
                longest = tensor.end() - cuts.last();
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

    /** What is known of a chunk. */
    ChunkContent content(int chunk) {
        return contents.get(chunk);
    }

    /** All lengths, for tests. */
    List<Integer> lengths() {
        return IntStream.range(0, count()).mapToObj(this::bytes).toList();
    }

    /** The beginnings as they are found. */
    private static final class Cuts {
        private long[] begins = new long[64];
        private final List<ChunkContent> contents = new ArrayList<>();
        private int count;

        void every(long from, long to, ChunkContent content) {
            for (long begin = from; begin < to; begin += ChunkEntry.RAW_BYTES_MAX) {
                add(begin);
                contents.add(content);
            }
        }

        void replaceLast(ChunkContent content) {
            contents.set(contents.size() - 1, content);
        }

        long last() {
            return begins[count - 1];
        }

        ChunkPlan end(long rawBytes) {
            add(rawBytes);
            return new ChunkPlan(Arrays.copyOf(begins, count), contents);
        }

        private void add(long begin) {
            if (count == begins.length) {
                begins = Arrays.copyOf(begins, count * 2);
            }
            begins[count++] = begin;
        }
    }
}
