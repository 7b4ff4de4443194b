package dev.moorage.checkpoint;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Dtype;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;

/**
 * Cuts one safetensors file into the shards of several ranks. Pure: copies nothing, each shard is its header and ranges of
 * the file.
 *
 * <p>A tensor of 64 KiB or more with at least as many rows as there are ranks is cut along its first dimension, evenly, and
 * each piece says where it lies in the whole one. Others stay whole and go, the longest first, to the rank that has the
 * fewest bytes so far. Rank 0 keeps the file's header under {@link #SOURCE_HEADER}, from which {@link Merge} makes the same
 * file again.
 */
public final class Split {
    /** Name of the tensor that holds the header of the file that was split, byte for byte. */
    public static final String SOURCE_HEADER = "__moorage__/source-header";

    private static final long CUT_BYTES_MIN = 64 << 10;

    /** Wide elements first, so that all are aligned; chunks of one dtype stay together. */
    private static final Comparator<Piece> ORDER = Comparator.<Piece>comparingInt(
                    piece -> -piece.dtype().bytes())
            .thenComparing(Piece::dtype)
            .thenComparing(Piece::name);

    private Split() {}

    /** Bytes of the file that become a tensor of a shard. */
    private record Piece(
            String name,
            Dtype dtype,
            List<Long> shape,
            Optional<TensorEntry.Slice> slice,
            ExtentSource.Extent.Range range) {
        Safetensors.Tensor tensor() {
            return new Safetensors.Tensor(name, dtype, shape, slice);
        }
    }

    /**
     * The shards of all ranks, in order.
     *
     * @param file a safetensors file; the shards read from it as long as they are read
     * @param header of that file
     * @param ranks how many, at least 1
     * @throws CheckpointException INVALID if the file is itself a shard of a file that was split
     */
    public static List<ExtentSource> shards(ShardSource file, SafetensorsHeader header, int ranks) {
        if (ranks < 1) {
            throw CheckpointException.invalid("a file is split for at least 1 rank, was " + ranks);
        }
        List<List<Piece>> shards = pieces(header, ranks);
        Map<String, String> metadata = new LinkedHashMap<>(header.metadata());
        metadata.keySet().removeIf(key -> key.startsWith(Safetensors.SLICE_PREFIX));
        return shards.stream().map(shard -> source(file, shard, metadata)).toList();
    }

    private static ExtentSource source(ShardSource file, List<Piece> shard, Map<String, String> metadata) {
        List<Piece> sorted = shard.stream().sorted(ORDER).toList();
        List<ExtentSource.Extent> extents = new ArrayList<>();
        extents.add(new ExtentSource.Extent.Memory(
                Safetensors.header(sorted.stream().map(Piece::tensor).toList(), metadata)));
        sorted.forEach(piece -> extents.add(piece.range()));
        return new ExtentSource(file, extents);
    }

    private static List<List<Piece>> pieces(SafetensorsHeader header, int ranks) {
        List<List<Piece>> shards = IntStream.range(0, ranks)
                .<List<Piece>>mapToObj(rank -> new ArrayList<>())
                .toList();
        long[] load = new long[ranks];
        add(shards, load, 0, sourceHeader(header.headerBytes()));
        List<TensorEntry> whole = new ArrayList<>();
        for (TensorEntry tensor : header.tensors()) {
            if (tensor.name().equals(SOURCE_HEADER)) {
                throw CheckpointException.invalid("the file holds " + SOURCE_HEADER
                        + ": it is a shard of a file that was split; split that file instead");
            }
            if (isWorthCutting(tensor, ranks)) {
                for (int rank = 0; rank < ranks; rank++) {
                    add(shards, load, rank, rows(tensor, rank, ranks));
                }
            } else {
                whole.add(tensor);
            }
        }
        whole.sort(Comparator.comparingLong(TensorEntry::bytes).reversed().thenComparing(TensorEntry::name));
        whole.forEach(tensor -> add(shards, load, lightest(load), whole(tensor)));
        return shards;
    }

    private static void add(List<List<Piece>> shards, long[] load, int rank, Piece piece) {
        shards.get(rank).add(piece);
        load[rank] += piece.range().bytes();
    }

    private static int lightest(long[] load) {
        int lightest = 0;
        for (int rank = 1; rank < load.length; rank++) {
            lightest = load[rank] < load[lightest] ? rank : lightest;
        }
        return lightest;
    }

    private static boolean isWorthCutting(TensorEntry tensor, int ranks) {
        return ranks > 1
                && tensor.bytes() >= CUT_BYTES_MIN
                && !tensor.shape().isEmpty()
                && tensor.shape().get(0) >= ranks;
    }

    private static Piece sourceHeader(long bytes) {
        return new Piece(
                SOURCE_HEADER, Dtype.U8, List.of(bytes), Optional.empty(), new ExtentSource.Extent.Range(0, bytes));
    }

    private static Piece whole(TensorEntry tensor) {
        return new Piece(
                tensor.name(),
                tensor.dtype(),
                tensor.shape(),
                Optional.empty(),
                new ExtentSource.Extent.Range(tensor.begin(), tensor.bytes()));
    }

    private static Piece rows(TensorEntry tensor, int rank, int ranks) {
        long all = tensor.shape().get(0);
        long rowBytes = tensor.bytes() / all;
        long longer = all % ranks;
        long first = rank * (all / ranks) + Math.min(rank, longer);
        long rows = all / ranks + (rank < longer ? 1 : 0);
        List<Long> shape = new ArrayList<>(tensor.shape());
        shape.set(0, rows);
        List<Long> offset = new ArrayList<>(tensor.shape());
        offset.replaceAll(length -> 0L);
        offset.set(0, first);
        return new Piece(
                tensor.name(),
                tensor.dtype(),
                shape,
                Optional.of(new TensorEntry.Slice(tensor.shape(), offset)),
                new ExtentSource.Extent.Range(tensor.begin() + first * rowBytes, rows * rowBytes));
    }
}
