package dev.moorage.checkpoint;

import dev.moorage.protocol.Dtype;
import java.util.Optional;

/**
 * How the bytes of an element become planes: the top 16 bits are rotated left, then the n-th byte, counted from the low end,
 * goes to plane n.
 *
 * <p>The rotation moves the sign, which is noise, out of the byte that has the exponent.
 *
 * @param width length of an element: 2, 4 or 8 bytes
 * @param rotation 0 to 15 bits
 */
record PlaneLayout(int width, int rotation) {
    private static final int TOP_BITS = Short.SIZE;
    private static final long EACH_BYTE = 0x0101_0101_0101_0101L;
    private static final long EACH_SHORT = 0x0001_0001_0001_0001L;

    PlaneLayout {
        Bounds.holds(width == 2 || width == 4 || width == 8, "planes are of 2, 4 or 8 bytes, not " + width);
        Bounds.range("rotation of an element", rotation, 0, TOP_BITS - 1);
    }

    /** The layout that stores a type best; empty for elements of one byte. */
    static Optional<PlaneLayout> of(Dtype dtype) {
        return switch (dtype) {
            case BOOL, U8, I8, F8_E5M2, F8_E4M3, F8_E8M0 -> Optional.empty();
            // Sign 1, exponent 8: without the sign the exponent is the whole top byte. C64 is two F32.
            case BF16, F32, C64 -> Optional.of(new PlaneLayout(dtype == Dtype.BF16 ? 2 : 4, 1));
            // Sign 1, exponent 5: three bits of the mantissa stay with it.
            case F16 -> Optional.of(new PlaneLayout(2, 1));
            // Sign 1, exponent 11: its low 7 bits vary, the high 4 hardly ever do and go to the second plane.
            case F64 -> Optional.of(new PlaneLayout(8, 5));
            case I16, U16, I32, U32, I64, U64 -> Optional.of(new PlaneLayout(dtype.bytes(), 0));
        };
    }

    boolean isFloat() {
        return rotation > 0;
    }

    /** Rotates the top 16 bits of each element in {@code elements}, 64 bits of them, first element lowest. */
    long rotated(long elements) {
        return rotated(elements, rotation);
    }

    /** The opposite of {@link #rotated}. */
    long restored(long elements) {
        return rotated(elements, (TOP_BITS - rotation) % TOP_BITS);
    }

    private long rotated(long elements, int left) {
        return (elements & kept())
                | ((elements & rising(left)) << left)
                | ((elements & falling(left)) >>> (TOP_BITS - left));
    }

    /** {@link #rotated} in place for many. Masks before shifts, in this shape only: so the loop becomes vector instructions. */
    void rotate(long[] elements) {
        if (rotation == 0) {
            return;
        }
        int right = TOP_BITS - rotation;
        long kept = kept();
        long rising = rising(rotation);
        long falling = falling(rotation);
        for (int i = 0; i < elements.length; i++) {
            long x = elements[i];
            elements[i] = (x & kept) | ((x & rising) << rotation) | ((x & falling) >>> right);
        }
    }

    /** The plane to begin with where {@link #restorePlanes} takes the given one: the top two change places for 8 of the bits. */
    int planeToRestore(int plane) {
        return rotation >= Byte.SIZE && plane >= width - 2 ? plane ^ 1 : plane;
    }

    /** {@link #restored} in place, while the elements are still in planes: half the work, as it is in two of them only. */
    void restorePlanes(long[] top, long[] second) {
        int right = rotation % Byte.SIZE;
        if (right == 0) {
            return;
        }
        int left = Byte.SIZE - right;
        long rising = EACH_BYTE * ((1L << right) - 1);
        long falling = ~rising;
        for (int i = 0; i < top.length; i++) {
            long high = top[i];
            long low = second[i];
            top[i] = ((high & falling) >>> right) | ((low & rising) << left);
            second[i] = ((low & falling) >>> right) | ((high & rising) << left);
        }
    }

    /** The bits below the top 16 of each element. */
    private long kept() {
        return switch (width) {
            case 2 -> 0;
            case 4 -> 0x0000_FFFF_0000_FFFFL;
            default -> 0x0000_FFFF_FFFF_FFFFL;
        };
    }

    private long rising(int left) {
        return (EACH_SHORT * ((1L << (TOP_BITS - left)) - 1)) & ~kept();
    }

    private long falling(int left) {
        return ~kept() & ~rising(left);
    }
}
