package dev.moorage.checkpoint;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.Dtype;
import java.util.List;
import java.util.Optional;

/**
 * Where a tensor lies in a shard.
 *
 * @param name unique in its shard
 * @param shape lengths of its dimensions, none for a scalar
 * @param begin byte position in the raw shard, header included
 * @param bytes length; the product of {@code shape} times the element's length
 * @param slice where it lies in the tensor that it was cut from; empty for a whole one
 */
public record TensorEntry(String name, Dtype dtype, List<Long> shape, long begin, long bytes, Optional<Slice> slice) {
    /**
     * A piece's place in the whole tensor.
     *
     * @param globalShape lengths of the whole tensor's dimensions
     * @param globalOffset first index of the piece in each dimension
     */
    public record Slice(List<Long> globalShape, List<Long> globalOffset) {
        public Slice {
            globalShape = List.copyOf(globalShape);
            globalOffset = List.copyOf(globalOffset);
            Bounds.holds(
                    globalShape.size() == globalOffset.size(),
                    "a slice has " + globalShape.size() + " global lengths and " + globalOffset.size() + " offsets");
        }
    }

    public TensorEntry {
        requireNonNull(name);
        requireNonNull(dtype);
        requireNonNull(slice);
        shape = List.copyOf(shape);
        Bounds.range("begin of a tensor", begin, 0, Long.MAX_VALUE);
        long expected = dtype.bytes();
        try {
            for (long length : shape) {
                Bounds.range("length of a dimension", length, 0, Long.MAX_VALUE);
                expected = Math.multiplyExact(expected, length);
            }
            Math.addExact(begin, bytes);
        } catch (ArithmeticException tooLong) {
            Bounds.holds(false, "tensor " + name + ": shape " + shape + " is too large");
        }
        Bounds.holds(
                bytes == expected,
                "tensor " + name + ": " + dtype + " of shape " + shape + " has " + expected + " bytes, not " + bytes);
        if (slice.isPresent()) {
            inside(name, shape, slice.get());
        }
    }

    private static void inside(String name, List<Long> shape, Slice slice) {
        boolean fits = slice.globalShape().size() == shape.size();
        for (int i = 0; fits && i < shape.size(); i++) {
            long whole = slice.globalShape().get(i);
            long offset = slice.globalOffset().get(i);
            fits = offset >= 0 && offset <= whole && shape.get(i) <= whole - offset;
        }
        Bounds.holds(
                fits,
                "tensor " + name + ": shape " + shape + " at " + slice.globalOffset() + " does not fit in "
                        + slice.globalShape());
    }

    /** The byte position after the last one. */
    public long end() {
        return begin + bytes;
    }
}
