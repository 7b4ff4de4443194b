package dev.moorage.client.command;

import dev.moorage.checkpoint.ShardTarget;
import dev.moorage.checkpoint.TensorEntry;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Rank;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * One tensor as its shards hold it: whole on one of them, or in slices that tile it.
 *
 * @param shape of the whole tensor
 * @param bytes of the whole tensor
 */
record TensorPieces(String name, List<Piece> pieces, List<Long> shape, long bytes) {

    /** The tensor's entry in a shard. */
    record Piece(OpenStore.Shard shard, TensorEntry entry) {
        List<Long> offset() {
            return entry.slice()
                    .map(TensorEntry.Slice::globalOffset)
                    .orElseGet(() -> entry.shape().stream().map(length -> 0L).toList());
        }

        Rank rank() {
            return shard.id().rank();
        }
    }

    /**
     * Finds a tensor.
     *
     * @param only the rank whose tensor is meant; empty: there must be only one, or slices of one
     * @throws CheckpointException NOT_FOUND if no shard has it; INVALID if it is not clear which is meant, or if the slices do
     *     not make up the whole
     */
    static TensorPieces find(List<OpenStore.Shard> shards, String name, Optional<Rank> only) {
        List<Piece> found = shards.stream()
                .filter(shard -> only.isEmpty() || only.get().equals(shard.id().rank()))
                .flatMap(shard -> shard.detail().tensors().stream()
                        .filter(entry -> entry.name().equals(name))
                        .map(entry -> new Piece(shard, entry)))
                .toList();
        String where = only.map(rank -> "rank " + rank + " has").orElse("no rank has");
        if (found.isEmpty()) {
            throw CheckpointException.notFound(
                    where + (only.isPresent() ? " no" : " a") + " tensor '" + name + "'" + similar(shards, name));
        }
        TensorEntry first = found.get(0).entry();
        if (found.size() == 1 && (first.slice().isEmpty() || only.isPresent())) {
            return new TensorPieces(name, found, first.shape(), first.bytes());
        }
        if (found.stream().anyMatch(piece -> piece.entry().slice().isEmpty())) {
            throw CheckpointException.invalid("tensor '" + name + "' is whole on each of "
                    + Wording.count(found.size(), "rank") + ", first on rank "
                    + found.get(0).rank() + "; say whose is meant with --rank");
        }
        List<Long> shape = first.slice().orElseThrow().globalShape();
        long bytes = shape.stream().reduce((long) first.dtype().bytes(), Math::multiplyExact);
        TensorPieces whole = new TensorPieces(name, distinct(found), shape, bytes);
        whole.checkTiling();
        return whole;
    }

    private static String similar(List<OpenStore.Shard> shards, String name) {
        String wanted = name.toLowerCase(Locale.ROOT);
        Set<String> names = shards.stream()
                .flatMap(shard -> shard.detail().tensors().stream())
                .map(TensorEntry::name)
                .filter(other -> other.toLowerCase(Locale.ROOT).contains(wanted))
                .limit(100)
                .collect(Collectors.toCollection(TreeSet::new));
        return names.isEmpty() ? "" : "; similar: " + names.stream().limit(5).collect(Collectors.joining(", "));
    }

    /** The same slice on several ranks counts once. */
    private static List<Piece> distinct(List<Piece> found) {
        Set<List<Object>> places = new HashSet<>();
        return found.stream()
                .filter(piece ->
                        places.add(List.of(piece.offset(), piece.entry().shape())))
                .toList();
    }

    private void checkTiling() {
        TensorEntry first = pieces.get(0).entry();
        for (Piece piece : pieces) {
            TensorEntry entry = piece.entry();
            if (entry.dtype() != first.dtype()
                    || !entry.slice().orElseThrow().globalShape().equals(shape)) {
                throw CheckpointException.invalid(
                        "tensor '" + name + "' is " + first.dtype() + " " + shape + " on rank "
                                + pieces.get(0).rank() + " and " + entry.dtype() + " "
                                + entry.slice().orElseThrow().globalShape() + " on rank " + piece.rank());
            }
        }
        long held = pieces.stream().mapToLong(piece -> piece.entry().bytes()).sum();
        if (held != bytes || overlaps()) {
            throw CheckpointException.invalid("the slices of tensor '" + name + "' on "
                    + Wording.count(pieces.size(), "rank") + " do not make up its shape " + shape + ": they have "
                    + held
                    + " bytes of " + bytes + "; take a single one with --rank");
        }
    }

    private boolean overlaps() {
        List<Piece> sorted = new ArrayList<>(
                pieces.stream().filter(piece -> piece.entry().bytes() > 0).toList());
        if (shape.isEmpty()) {
            return sorted.size() > 1;
        }
        sorted.sort(Comparator.comparingLong(piece -> piece.offset().get(0)));
        for (int i = 0; i < sorted.size(); i++) {
            long end = end(sorted.get(i), 0);
            for (int j = i + 1; j < sorted.size() && sorted.get(j).offset().get(0) < end; j++) {
                if (overlap(sorted.get(i), sorted.get(j))) {
                    return true;
                }
            }
        }
        return false;
    }

    private static long end(Piece piece, int dimension) {
        return piece.offset().get(dimension) + piece.entry().shape().get(dimension);
    }

    private static boolean overlap(Piece a, Piece b) {
        for (int d = 0; d < a.offset().size(); d++) {
            if (end(a, d) <= b.offset().get(d) || end(b, d) <= a.offset().get(d)) {
                return false;
            }
        }
        return true;
    }

    /** Takes the bytes of one piece to their places in the whole tensor. */
    ShardTarget place(Piece piece, ShardTarget whole) {
        if (piece.entry().shape().equals(shape)) {
            return whole;
        }
        int elementBytes = piece.entry().dtype().bytes();
        // Dimensions from `rows` on are complete in the piece, so each run of bytes up to there is one in the whole,
        // too.
        int rows = shape.size();
        long runBytes = elementBytes;
        while (rows > 0) {
            rows--;
            runBytes *= piece.entry().shape().get(rows);
            if (!piece.entry().shape().get(rows).equals(shape.get(rows))) {
                break;
            }
        }
        int leading = rows;
        long run = runBytes;
        return (position, bytes) -> {
            long at = position;
            while (bytes.hasRemaining()) {
                int count = (int) Math.min(bytes.remaining(), run - at % run);
                ByteBuffer part = bytes.slice(bytes.position(), count);
                whole.write(begin(piece, leading, at / run, elementBytes) + at % run, part);
                bytes.position(bytes.position() + count);
                at += count;
            }
        };
    }

    /** Where the {@code run}-th run of a piece begins in the whole tensor, in bytes. */
    private long begin(Piece piece, int leading, long run, int elementBytes) {
        long position = 0;
        long stride = elementBytes;
        long left = run;
        for (int d = shape.size() - 1; d >= 0; d--) {
            long index = piece.offset().get(d);
            if (d < leading) {
                index += left % piece.entry().shape().get(d);
                left /= piece.entry().shape().get(d);
            }
            position += index * stride;
            stride *= shape.get(d);
        }
        return position;
    }
}
