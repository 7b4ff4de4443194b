package dev.moorage.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * A cheap look at a chunk: how much of it is the same element over and over, how much repeats what came before, and how
 * uneven the bytes are in what is left. Costs some 50 µs however long the chunk is. Not for two threads at once.
 *
 * <p>Repeats are found by fingerprints of 16 bytes at the same place of many rows, at two places of a row: a column that is
 * constant is no row that repeats, so the place with fewer repeats counts.
 */
final class ChunkSample {
    private static final int PROBES_MAX = 1024;
    private static final int PROBE_BYTES = 16;
    private static final int STRIDE_BYTES_MIN = 512;
    private static final int STRIDE_BYTES = 1024;
    private static final int SEEN = 4 * PROBES_MAX;
    private static final int SEGMENTS = 16;
    private static final int SEGMENT_BYTES = 2 << 10;
    private static final int WIDTH_MAX = 8;
    private static final long MIX = 0x9E37_79B9_7F4A_7C15L;
    private static final double[] N_LOG_N = new double[PROBES_MAX];

    static {
        for (int n = 2; n < N_LOG_N.length; n++) {
            N_LOG_N[n] = n * log2(n);
        }
    }

    private final long[] seen = new long[SEEN];
    private final int[][] histograms = new int[WIDTH_MAX][256];
    private final int[] allBytes = new int[256];
    private double constantShare;
    private double repeatedShare;

    /**
     * Looks for what is constant and what repeats.
     *
     * @param width of an element; 8 if it is not known
     * @param rowBytes at which distance to look; 0 for any
     */
    void probe(ByteBuffer raw, int width, int rowBytes) {
        ByteBuffer in = raw.slice().order(ByteOrder.LITTLE_ENDIAN);
        int row = rowBytes >= PROBE_BYTES && rowBytes <= in.remaining() / 2 ? rowBytes : STRIDE_BYTES;
        int least = Math.max(STRIDE_BYTES_MIN, in.remaining() / PROBES_MAX);
        int stride = (least + row - 1) / row * row;
        int constant = 0;
        int repeated = Integer.MAX_VALUE;
        int probes = 0;
        for (int place = 0; place < 2; place++) {
            Arrays.fill(seen, 0);
            int again = 0;
            for (int at = place * ((row / 2) & -Long.BYTES); at + PROBE_BYTES <= in.remaining(); at += stride) {
                probes++;
                if (isConstant(in, at, width)) {
                    constant++;
                } else if (wasSeen(MIX * ((in.getLong(at) * MIX) ^ in.getLong(at + Long.BYTES)))) {
                    again++;
                }
            }
            repeated = Math.min(repeated, again);
        }
        constantShare = probes == 0 ? 0 : (double) constant / probes;
        repeatedShare = probes == 0 ? 0 : 2.0 * repeated / probes;
    }

    /** Counts the byte values of each plane, in some segments that are not constant. */
    void count(ByteBuffer raw, PlaneLayout layout) {
        ByteBuffer in = raw.slice().order(ByteOrder.LITTLE_ENDIAN);
        for (int plane = 0; plane < layout.width(); plane++) {
            Arrays.fill(histograms[plane], 0);
        }
        if (in.remaining() <= SEGMENTS * SEGMENT_BYTES) {
            count(in, 0, in.remaining(), layout);
        } else if (!countSegments(in, layout, true)) {
            // All may begin with constant elements and be no constants for that: rows whose first columns are zero.
            countSegments(in, layout, false);
        }
        Arrays.fill(allBytes, 0);
        for (int plane = 0; plane < layout.width(); plane++) {
            for (int value = 0; value < allBytes.length; value++) {
                allBytes[value] += histograms[plane][value];
            }
        }
    }

    /** Share of the chunk where all elements are the same, such as zeros. */
    double constantShare() {
        return constantShare;
    }

    /** Share of the chunk that is neither constant nor was there before. */
    double freshShare() {
        return Math.max(0, 1 - constantShare - repeatedShare);
    }

    /** What an entropy coder would make of a byte of a plane that was counted, in bytes: 1 for noise. */
    double entropy(int plane) {
        return entropy(histograms[plane]);
    }

    /** The same for the bytes of all planes together. */
    double entropyOfBytes() {
        return entropy(allBytes);
    }

    private static boolean isConstant(ByteBuffer in, int at, int width) {
        if (at + PROBE_BYTES > in.remaining()) {
            return false;
        }
        long first = in.getLong(at);
        return first == in.getLong(at + Long.BYTES) && first == Long.rotateLeft(first, width * Byte.SIZE);
    }

    /** Remembers the fingerprint; 0, which stands for an empty place, is never seen. */
    private boolean wasSeen(long fingerprint) {
        int at = (int) (fingerprint >>> 52) & (SEEN - 1);
        while (seen[at] != 0 && seen[at] != fingerprint) {
            at = (at + 1) & (SEEN - 1);
        }
        boolean again = seen[at] != 0;
        seen[at] = fingerprint;
        return again;
    }

    /** Answers whether there was anything to count. */
    private boolean countSegments(ByteBuffer in, PlaneLayout layout, boolean passConstant) {
        boolean any = false;
        for (int segment = 0; segment < SEGMENTS; segment++) {
            int at = ((int) ((long) segment * in.remaining() / SEGMENTS)) & -Long.BYTES;
            if (!passConstant || !isConstant(in, at, layout.width())) {
                count(in, at, Math.min(SEGMENT_BYTES, in.remaining() - at), layout);
                any = true;
            }
        }
        return any;
    }

    private void count(ByteBuffer in, int from, int bytes, PlaneLayout layout) {
        int mask = layout.width() - 1;
        for (int at = from; at + Long.BYTES <= from + bytes; at += Long.BYTES) {
            long elements = layout.rotated(in.getLong(at));
            for (int n = 0; n < Long.BYTES; n++) {
                histograms[n & mask][(int) (elements >>> (n * Byte.SIZE)) & 0xFF]++;
            }
        }
    }

    private static double entropy(int[] histogram) {
        double bits = 0;
        int total = 0;
        int values = 0;
        for (int count : histogram) {
            total += count;
            values += count == 0 ? 0 : 1;
            bits -= count < N_LOG_N.length ? N_LOG_N[count] : count * log2(count);
        }
        if (total == 0) {
            return 0;
        }
        // Few bytes of noise look less noisy than many: the second term is the mean of what is missing.
        double missing = (values - 1) / (2 * Math.log(2) * total);
        return Math.min(1, (bits / total + log2(total) + missing) / Byte.SIZE);
    }

    private static double log2(double x) {
        return Math.log(x) / Math.log(2);
    }
}
