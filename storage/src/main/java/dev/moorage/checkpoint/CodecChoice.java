package dev.moorage.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Chooses for each chunk what stores it smallest, by a sample of it. Not for two threads at once.
 *
 * <p>What it weighs are estimates, so it may be wrong by a few percent; it is never wrong about the bytes.
 */
final class CodecChoice {
    /** The level of frames of bytes whose type is not known. */
    static final int LEVEL = 3;

    /** Compression that saves less than a 50th is not worth decoding. */
    private static final double WORTH_IT = 0.98;

    /** A plane that shrinks by less is stored as it is: zstd itself gives up a block at a 64th. */
    private static final double PLANE_WORTH_IT = 0.97;

    /** What is nearly all constant goes to zstd as it is, without looking for repeats: nothing is faster. */
    private static final double ALL = 0.95;

    /** Shorter chunks are not worth an estimate: zstd is tried on the whole of them. */
    private static final int SHORT_BYTES = 64 << 10;

    private static final int TRIALS = 4;
    private static final int TRIAL_BYTES = 8 << 10;

    /** Planes are so much faster to write and to read than frames that they may be a little longer. */
    private static final double PLANES_PREFERRED = 0.98;

    /** A skewed frame is that much faster to write that it may be a little longer. */
    private static final double NEARLY = 1.01;

    /** With so much of a chunk repeating, what repeats decides. */
    private static final double MUCH = 0.1;

    /** Shorter chunks have too few elements to say anything of them. */
    private static final int TYPED_BYTES_MIN = 4 << 10;

    /** How a chunk is stored. */
    enum Choice {
        RAW,
        /** At {@link #LEVEL}. */
        ZSTD,
        ZSTD_REPEATS,
        ZSTD_SKEWED,
        /** With {@link CodecChoice#packedPlanes}. */
        PLANES
    }

    private final ZstdFrames frames;
    private final ZstdFrames skewed;
    private final ChunkSample sample = new ChunkSample();
    private int packedPlanes;

    CodecChoice(ZstdFrames frames, ZstdFrames skewed) {
        this.frames = frames;
        this.skewed = skewed;
    }

    /** Whether so many stored bytes are worth it. */
    static boolean gains(long storedBytes, long rawBytes) {
        return storedBytes < rawBytes * WORTH_IT;
    }

    /** After {@link Choice#PLANES}: the planes that zstd is worth trying on, bit n for plane n. */
    int packedPlanes() {
        return packedPlanes;
    }

    /**
     * Chooses.
     *
     * @param scratch for trials
     * @param alwaysPlanes whether elements that can be split always are
     */
    Choice of(ByteBuffer raw, ByteBuffer scratch, ChunkContent content, boolean alwaysPlanes) throws IOException {
        if (content.layout().isEmpty() || (raw.remaining() < TYPED_BYTES_MIN && !alwaysPlanes)) {
            return ofBytes(raw, scratch, content.rowBytes());
        }
        PlaneLayout layout = content.layout().get();
        sample.probe(raw, layout.width(), content.rowBytes());
        if (sample.constantShare() > ALL && !alwaysPlanes) {
            return Choice.ZSTD_SKEWED;
        }
        sample.count(raw, layout);
        double planes = planes(layout.width());
        if (alwaysPlanes) {
            return Choice.PLANES;
        }
        double zstd = sample.freshShare() * sample.entropyOfBytes();
        if (!layout.isFloat()) {
            zstd = Math.min(zstd, trial(frames, raw, scratch));
        }
        if (Math.min(planes, zstd) >= WORTH_IT) {
            return Choice.RAW;
        }
        if (planes < WORTH_IT && zstd > planes * PLANES_PREFERRED) {
            return Choice.PLANES;
        }
        return sample.freshShare() < 1 - MUCH ? Choice.ZSTD_REPEATS : Choice.ZSTD;
    }

    private Choice ofBytes(ByteBuffer raw, ByteBuffer scratch, int rowBytes) throws IOException {
        if (raw.remaining() <= SHORT_BYTES) {
            return Choice.ZSTD;
        }
        sample.probe(raw, Long.BYTES, rowBytes);
        if (sample.constantShare() > ALL) {
            return Choice.ZSTD_SKEWED;
        }
        if (sample.freshShare() < 1 - MUCH) {
            return Choice.ZSTD_REPEATS;
        }
        double zstd = trial(frames, raw, scratch);
        if (zstd >= WORTH_IT) {
            return Choice.RAW;
        }
        return trial(skewed, raw, scratch) <= zstd * NEARLY ? Choice.ZSTD_SKEWED : Choice.ZSTD;
    }

    /** What planes would make of a byte; notes the planes that zstd is worth trying on. */
    private double planes(int width) {
        double sum = 0;
        packedPlanes = 0;
        for (int plane = 0; plane < width; plane++) {
            double packed = sample.entropy(plane) * (1 - sample.constantShare());
            if (packed < PLANE_WORTH_IT) {
                packedPlanes |= 1 << plane;
                sum += packed;
            } else {
                sum += 1;
            }
        }
        return sum / width;
    }

    /** What zstd makes of some pieces. */
    private static double trial(ZstdFrames frames, ByteBuffer raw, ByteBuffer scratch) throws IOException {
        int bytes = Math.min(TRIAL_BYTES, raw.remaining() / TRIALS);
        long packed = 0;
        for (int trial = 0; trial < TRIALS; trial++) {
            int at = (int) ((long) raw.remaining() * trial / TRIALS);
            packed += frames.compress(raw, at, bytes, scratch.clear());
        }
        return (double) packed / (TRIALS * bytes);
    }
}
