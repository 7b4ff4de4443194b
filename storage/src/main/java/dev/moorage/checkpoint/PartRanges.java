package dev.moorage.checkpoint;

import java.util.Arrays;

/** Part numbers that come in ascending order, as few ranges. One thread. */
final class PartRanges {
    /** First part of each range, and how many follow it. */
    private int[] pairs = new int[2];

    private int count;

    static PartRanges of(int... parts) {
        PartRanges ranges = new PartRanges();
        Arrays.stream(parts).forEach(ranges::add);
        return ranges;
    }

    /** @param part not below the one before; the same again changes nothing */
    void add(int part) {
        int last = count == 0 ? -2 : pairs[2 * count - 2] + pairs[2 * count - 1];
        if (part == last) {
            return;
        }
        if (part == last + 1) {
            pairs[2 * count - 1]++;
            return;
        }
        if (part < last) {
            throw new IllegalArgumentException("part " + part + " comes after part " + last);
        }
        if (2 * count == pairs.length) {
            pairs = Arrays.copyOf(pairs, 2 * pairs.length);
        }
        pairs[2 * count] = part;
        pairs[2 * count + 1] = 0;
        count++;
    }

    /** First part, and how many follow it, of each range. */
    int[] pairs() {
        return Arrays.copyOf(pairs, 2 * count);
    }

    /** What it takes in memory, about. */
    int bytes() {
        return pairs.length * Integer.BYTES;
    }
}
