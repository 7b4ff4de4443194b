package dev.moorage.checkpoint;

import dev.moorage.protocol.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes the one file again that {@link Split} cut into shards, equal byte for byte. Pure but for the targets that it gives
 * out, which write to the file as shards are read, in any order.
 */
public final class Merge {
    private final long fileBytes;
    private final List<List<Move>> moves;

    private Merge(long fileBytes, List<List<Move>> moves) {
        this.fileBytes = fileBytes;
        this.moves = moves;
    }

    /** Bytes of a shard and where in the file they go. */
    private record Move(long begin, long bytes, long position) {}

    /** A tensor of a shard; {@code shard} is an index. */
    private record Piece(int shard, TensorEntry tensor) {
        long firstRow() {
            return tensor.slice().stream()
                    .flatMap(slice -> slice.globalOffset().stream())
                    .findFirst()
                    .orElse(0L);
        }

        long rows() {
            return tensor.shape().isEmpty() ? 1 : tensor.shape().get(0);
        }
    }

    /**
     * Where the header of the file lies, which has to be read before a merge is planned.
     *
     * @param shard index in the list
     * @param tensor that holds it
     */
    public record HeaderAt(int shard, TensorEntry tensor) {}

    /**
     * Looks for the header.
     *
     * @param shards the tensors of each shard
     * @throws CheckpointException INVALID if there is none, or more than one
     */
    public static HeaderAt header(List<List<TensorEntry>> shards) {
        List<HeaderAt> found = new ArrayList<>();
        for (int shard = 0; shard < shards.size(); shard++) {
            for (TensorEntry tensor : shards.get(shard)) {
                if (tensor.name().equals(Split.SOURCE_HEADER)) {
                    found.add(new HeaderAt(shard, tensor));
                }
            }
        }
        if (found.size() != 1) {
            throw CheckpointException.invalid("the checkpoint has " + found.size() + " tensors " + Split.SOURCE_HEADER
                    + ", expected 1: only what was saved with --split can be merged; restore its shards as files");
        }
        return found.get(0);
    }

    /**
     * Plans the merge.
     *
     * @param sourceHeader the bytes of the tensor that {@link #header} named
     * @param shards the tensors of each shard, as given to {@link #header}
     * @throws CheckpointException INVALID, naming the tensor, if the pieces do not make up the file exactly
     */
    public static Merge plan(ByteBuffer sourceHeader, List<List<TensorEntry>> shards) {
        SafetensorsHeader header = Safetensors.parseHead(sourceHeader);
        if (header.headerBytes() != sourceHeader.remaining()) {
            throw CheckpointException.invalid(Split.SOURCE_HEADER + " has " + sourceHeader.remaining()
                    + " bytes, the header in it " + header.headerBytes());
        }
        Map<String, List<Piece>> pieces = byName(shards);
        List<List<Move>> moves = new ArrayList<>();
        shards.forEach(shard -> moves.add(new ArrayList<>()));
        Piece head = pieces.remove(Split.SOURCE_HEADER).get(0);
        moves.get(head.shard())
                .add(new Move(head.tensor().begin(), head.tensor().bytes(), 0));
        long end = header.headerBytes();
        for (TensorEntry tensor : header.tensors()) {
            List<Piece> parts = pieces.remove(tensor.name());
            require(parts != null, tensor, "is on no shard");
            place(tensor, parts, moves);
            end = tensor.end();
        }
        if (!pieces.isEmpty()) {
            throw CheckpointException.invalid(
                    "tensor " + Text.quote(pieces.keySet().iterator().next()) + " of a shard is none of the file");
        }
        for (List<Move> shard : moves) {
            shard.removeIf(move -> move.bytes() == 0);
            shard.sort(Comparator.comparingLong(Move::begin));
        }
        return new Merge(end, moves);
    }

    /** Length of the file. */
    public long fileBytes() {
        return fileBytes;
    }

    /**
     * Takes a whole shard, as {@link ShardReader#readAll} hands it out, and writes its tensors to their places in the file.
     *
     * @param shard index in the list
     * @param file the new file
     */
    public ShardTarget target(int shard, ShardTarget file) {
        List<Move> sorted = moves.get(shard);
        return (position, bytes) -> route(sorted, position, bytes, file);
    }

    private static void route(List<Move> sorted, long position, ByteBuffer bytes, ShardTarget file) throws IOException {
        long end = position + bytes.remaining();
        int start = bytes.position();
        for (int i = firstEndingAfter(sorted, position);
                i < sorted.size() && sorted.get(i).begin() < end;
                i++) {
            Move move = sorted.get(i);
            long from = Math.max(position, move.begin());
            long to = Math.min(end, move.begin() + move.bytes());
            file.write(move.position() + from - move.begin(), bytes.slice(start + (int) (from - position), (int)
                    (to - from)));
        }
        bytes.position(bytes.limit());
    }

    private static int firstEndingAfter(List<Move> sorted, long position) {
        int low = 0;
        int high = sorted.size();
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (sorted.get(middle).begin() + sorted.get(middle).bytes() > position) {
                high = middle;
            } else {
                low = middle + 1;
            }
        }
        return low;
    }

    private static Map<String, List<Piece>> byName(List<List<TensorEntry>> shards) {
        header(shards);
        Map<String, List<Piece>> pieces = new HashMap<>();
        for (int shard = 0; shard < shards.size(); shard++) {
            for (TensorEntry tensor : shards.get(shard)) {
                pieces.computeIfAbsent(tensor.name(), name -> new ArrayList<>()).add(new Piece(shard, tensor));
            }
        }
        return pieces;
    }

    private static void place(TensorEntry whole, List<Piece> parts, List<List<Move>> moves) {
        parts.sort(Comparator.comparingLong(Piece::firstRow));
        long rows = 0;
        long position = whole.begin();
        for (Piece part : parts) {
            require(isPartOf(part.tensor(), whole), whole, "has a piece of another dtype or shape: " + part.tensor());
            require(part.firstRow() >= rows, whole, "is there twice from row " + part.firstRow() + " on");
            require(part.firstRow() == rows, whole, "lacks rows " + rows + " to " + part.firstRow());
            moves.get(part.shard())
                    .add(new Move(part.tensor().begin(), part.tensor().bytes(), position));
            rows += part.rows();
            position += part.tensor().bytes();
        }
        require(position == whole.end(), whole, "lacks rows from " + rows + " on");
    }

    /** Whether it is the whole tensor, or some of its rows. */
    private static boolean isPartOf(TensorEntry part, TensorEntry whole) {
        if (part.dtype() != whole.dtype()) {
            return false;
        }
        if (part.slice().isEmpty()) {
            return part.shape().equals(whole.shape());
        }
        TensorEntry.Slice slice = part.slice().get();
        int dimensions = whole.shape().size();
        return dimensions > 0
                && slice.globalShape().equals(whole.shape())
                && part.shape().subList(1, dimensions).equals(whole.shape().subList(1, dimensions));
    }

    private static void require(boolean holds, TensorEntry tensor, String what) {
        if (!holds) {
            throw CheckpointException.invalid("tensor " + Text.quote(tensor.name()) + " " + what
                    + "; the shards do not make up the file that was split");
        }
    }
}
