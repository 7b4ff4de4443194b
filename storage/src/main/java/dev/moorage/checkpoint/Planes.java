package dev.moorage.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.LongBuffer;
import java.util.List;
import java.util.function.Consumer;

/**
 * Splits elements into planes, one for each byte of an element, and merges them again. Not for two threads at once: it keeps
 * the 16 KiB in which it works.
 *
 * <p>The elements are taken in tiles: as many lanes as an element has bytes, 2 KiB each. Lanes lie in arrays of longs, where
 * plane n takes the place of lane n by exchanging bytes between two lanes at a time. That has no shuffling across a
 * register, so it becomes plain vector instructions. Within a tile a plane therefore has the first element of each lane, then
 * the second of each, and so on. Elements after the last whole tile are in their own order.
 */
final class Planes {
    /** Length of a lane. */
    static final int LANE_BYTES = 2 << 10;

    private static final int LANE_LONGS = LANE_BYTES / Long.BYTES;
    private static final int WIDTH_MAX = 8;

    private final long[][] lanes = new long[WIDTH_MAX][LANE_LONGS];

    /**
     * Writes plane n at n times the number of elements.
     *
     * @param raw its first {@code elements} elements; stays as it is
     * @param planes filled from its first byte on; its limit leaves room
     */
    void split(PlaneLayout layout, ByteBuffer raw, int elements, ByteBuffer planes) {
        int width = layout.width();
        int tiles = elements / LANE_BYTES;
        LongBuffer from = longs(raw, 0, tiles * LANE_BYTES * width);
        LongBuffer[] to = planes(planes, width, elements);
        for (int tile = 0; tile < tiles; tile++) {
            for (int lane = 0; lane < width; lane++) {
                from.get(lanes[lane]);
                layout.rotate(lanes[lane]);
            }
            transpose(width);
            for (int lane = 0; lane < width; lane++) {
                to[lane].put(lanes[lane]);
            }
        }
        for (int element = tiles * LANE_BYTES; element < elements; element++) {
            long bytes = layout.rotated(element(raw, element * width, width));
            for (int plane = 0; plane < width; plane++) {
                planes.put(plane * elements + element, (byte) (bytes >>> (plane * Byte.SIZE)));
            }
        }
    }

    /**
     * The opposite of {@link #split}.
     *
     * @param planes from the lowest byte of an element to the highest, one byte for each element
     * @param raw filled from its first byte on
     * @param seen given the raw bytes in their order, piece by piece, while each is in the processor's nearest cache
     */
    void merge(PlaneLayout layout, List<ByteBuffer> planes, int elements, ByteBuffer raw, Consumer<ByteBuffer> seen) {
        int width = layout.width();
        int tiles = elements / LANE_BYTES;
        int tileBytes = LANE_BYTES * width;
        LongBuffer to = longs(raw, 0, tiles * tileBytes);
        LongBuffer[] from = new LongBuffer[width];
        for (int plane = 0; plane < width; plane++) {
            from[plane] = longs(planes.get(layout.planeToRestore(plane)), 0, elements);
        }
        ByteBuffer merged = raw.duplicate().clear();
        for (int tile = 0; tile < tiles; tile++) {
            for (int lane = 0; lane < width; lane++) {
                from[lane].get(lanes[lane]);
            }
            layout.restorePlanes(lanes[width - 1], lanes[width - 2]);
            transpose(width);
            for (int lane = 0; lane < width; lane++) {
                to.put(lanes[lane]);
            }
            seen.accept(merged.limit((tile + 1) * tileBytes).position(tile * tileBytes));
        }
        for (int element = tiles * LANE_BYTES; element < elements; element++) {
            long bytes = 0;
            for (int plane = 0; plane < width; plane++) {
                bytes |= (planes.get(plane).get(element) & 0xFFL) << (plane * Byte.SIZE);
            }
            bytes = layout.restored(bytes);
            for (int n = 0; n < width; n++) {
                raw.put(element * width + n, (byte) (bytes >>> (n * Byte.SIZE)));
            }
        }
        seen.accept(merged.limit(elements * width).position(tiles * tileBytes));
    }

    private static long element(ByteBuffer raw, int at, int width) {
        long bytes = 0;
        for (int n = 0; n < width; n++) {
            bytes |= (raw.get(at + n) & 0xFFL) << (n * Byte.SIZE);
        }
        return bytes;
    }

    private static LongBuffer[] planes(ByteBuffer planes, int width, int elements) {
        LongBuffer[] views = new LongBuffer[width];
        for (int plane = 0; plane < width; plane++) {
            views[plane] = longs(planes, plane * elements, elements);
        }
        return views;
    }

    private static LongBuffer longs(ByteBuffer bytes, int at, int length) {
        return bytes.duplicate()
                .clear()
                .slice(at, length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .asLongBuffer();
    }

    /** Byte n of lane m and byte m of lane n change places, for each element; twice is as if never. */
    private void transpose(int width) {
        for (int distance = 1; distance < width; distance *= 2) {
            long low = lowOfPairs(distance);
            for (int lane = 0; lane < width; lane++) {
                if ((lane & distance) == 0) {
                    exchange(lanes[lane], lanes[lane + distance], distance * Byte.SIZE, low);
                }
            }
        }
    }

    private static long lowOfPairs(int bytes) {
        return switch (bytes) {
            case 1 -> 0x00FF_00FF_00FF_00FFL;
            case 2 -> 0x0000_FFFF_0000_FFFFL;
            default -> 0x0000_0000_FFFF_FFFFL;
        };
    }

    private static void exchange(long[] even, long[] odd, int bits, long low) {
        for (int i = 0; i < even.length; i++) {
            long a = even[i];
            long b = odd[i];
            even[i] = (a & low) | ((b & low) << bits);
            odd[i] = ((a >>> bits) & low) | (b & ~low);
        }
    }
}
