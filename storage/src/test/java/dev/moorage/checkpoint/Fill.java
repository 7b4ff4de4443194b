package dev.moorage.checkpoint;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import java.util.function.Consumer;

/** Kinds of data that checkpoints hold. Each fills what is left of a little-endian buffer. */
final class Fill {
    private static final double DEVIATION = 0.02;
    private static final String[] WORDS = {"layer", "attention", "weight", "BF16", "shape", "offset", "0.17", "[", "]"};

    private Fill() {}

    static Consumer<ByteBuffer> f32(Random random) {
        return each(4, to -> to.putFloat((float) (random.nextGaussian() * DEVIATION)));
    }

    static Consumer<ByteBuffer> f64(Random random) {
        return each(8, to -> to.putDouble(random.nextGaussian() * DEVIATION));
    }

    static Consumer<ByteBuffer> bf16(Random random) {
        return each(2, to -> to.putShort((short) (bits(random) >>> 16)));
    }

    /** F32 that was trained in half precision: the low half is zero. */
    static Consumer<ByteBuffer> rounded(Random random) {
        return each(4, to -> to.putInt(bits(random) & 0xFFFF_0000));
    }

    /** Sign, four bits of exponent, three of mantissa, roughly. */
    static Consumer<ByteBuffer> f8(Random random) {
        return each(1, to -> to.put((byte) ((bits(random) >>> 20 & 0x7F) | (random.nextInt(2) << 7))));
    }

    static Consumer<ByteBuffer> noise(Random random) {
        return each(8, to -> to.putLong(random.nextLong()));
    }

    static Consumer<ByteBuffer> zeros() {
        return each(1, to -> to.put((byte) 0));
    }

    static Consumer<ByteBuffer> text(Random random) {
        return to -> {
            while (to.hasRemaining()) {
                byte[] word = (WORDS[random.nextInt(WORDS.length)] + random.nextInt(1000) + "\":\"")
                        .getBytes(StandardCharsets.US_ASCII);
                to.put(word, 0, Math.min(word.length, to.remaining()));
            }
        };
    }

    /** Rows drawn at random from {@code distinct} ones of random floats. */
    static Consumer<ByteBuffer> rows(Random random, int distinct, int rowBytes) {
        ByteBuffer rows = ByteBuffer.allocate(distinct * rowBytes).order(ByteOrder.LITTLE_ENDIAN);
        f32(random).accept(rows);
        return to -> {
            while (to.hasRemaining()) {
                int bytes = Math.min(rowBytes, to.remaining());
                to.put(rows.slice(random.nextInt(distinct) * rowBytes, bytes));
            }
        };
    }

    private static int bits(Random random) {
        return Float.floatToRawIntBits((float) (random.nextGaussian() * DEVIATION));
    }

    private static Consumer<ByteBuffer> each(int bytes, Consumer<ByteBuffer> element) {
        return to -> {
            while (to.remaining() >= bytes) {
                element.accept(to);
            }
        };
    }
}
