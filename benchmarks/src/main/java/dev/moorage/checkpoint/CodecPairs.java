package dev.moorage.checkpoint;

import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;

/**
 * Codec {@code auto} against zstd on the same chunk of a real model, one right after the other, so that a busy machine slows both alike.
 * Prints sizes, and speeds by the processor time of the thread: the median over rounds of the whole model, and the median of each round's
 * quotient. Both sides include the sums that a save or restore takes. Every chunk is compared after decoding.
 */
public final class CodecPairs implements AutoCloseable {
    private static final int WARM_UP = 3;
    private static final int ROUNDS = 15;

    private final ByteBuffer first = ByteBuffer.allocateDirect(BufferPool.BUFFER_BYTES);
    private final ByteBuffer second = ByteBuffer.allocateDirect(BufferPool.BUFFER_BYTES);
    private final ByteBuffer third = ByteBuffer.allocateDirect(BufferPool.BUFFER_BYTES);
    private final PlaneCodec planes = new PlaneCodec();
    private final ZstdFrames frames = ZstdFrames.ofLevel(1);

    private CodecPairs() {}

    /** @param args the safetensors file */
    public static void main(String[] args) throws IOException {
        Model model = Model.read(Path.of(args[0]));
        System.out.println(
                "type codec: stored/raw, code GB/s, decode GB/s, code / zstd:1, decode / code; by processor time");
        for (String codec : new String[] {"auto", "planes", "zstd:1", "zstd:3"}) {
            try (CodecPairs pairs = new CodecPairs()) {
                pairs.print("bf16 " + codec, model.asBf16(), Codec.parse(codec));
                pairs.print("f32  " + codec, model, Codec.parse(codec));
            }
        }
    }

    private void print(String name, Model model, Codec codec) throws IOException {
        double[] code = new double[ROUNDS];
        double[] decode = new double[ROUNDS];
        double[] againstZstd = new double[ROUNDS];
        double[] againstCode = new double[ROUNDS];
        double rawBytes = model.bytes().capacity();
        double ratio = 0;
        try (ChunkCoder coder = new ChunkCoder(codec);
                ChunkCoder zstd = new ChunkCoder(Codec.zstd(1))) {
            for (int round = -WARM_UP; round < ROUNDS; round++) {
                long[] spent = round(model, coder, zstd);
                ratio = spent[3] / rawBytes;
                if (round >= 0) {
                    code[round] = rawBytes / spent[0];
                    decode[round] = rawBytes / spent[2];
                    againstZstd[round] = (double) spent[1] / spent[0];
                    againstCode[round] = (double) spent[0] / spent[2];
                }
            }
        }
        System.out.printf(
                "%-12s %.4f  %.2f  %.2f  %.2f  %.2f%n",
                name, ratio, median(code), median(decode), median(againstZstd), median(againstCode));
    }

    /** Nanoseconds of code, zstd, decode; then stored bytes. */
    private long[] round(Model model, ChunkCoder coder, ChunkCoder zstd) throws IOException {
        long[] spent = new long[4];
        ChunkPlan plan = model.plan();
        for (int chunk = 0; chunk < plan.count(); chunk++) {
            ByteBuffer raw = model.bytes().slice((int) plan.begin(chunk), plan.bytes(chunk));
            first.clear().put(raw.duplicate()).flip();
            long begin = now();
            zstd.code(first, second, plan.content(chunk));
            spent[1] += now() - begin;
            first.clear().put(raw.duplicate()).flip();
            begin = now();
            ChunkCoder.Coded coded = coder.code(first, second, plan.content(chunk));
            spent[0] += now() - begin;
            spent[3] += coded.stored().remaining();
            begin = now();
            ByteBuffer back = decoded(coded);
            spent[2] += now() - begin;
            if (!back.equals(raw)) {
                throw new IllegalStateException("chunk " + chunk + " came back changed");
            }
        }
        return spent;
    }

    private ByteBuffer decoded(ChunkCoder.Coded coded) {
        ByteBuffer stored = coded.stored();
        ByteBuffer other = stored == first ? second : first;
        int rawBytes = coded.entry().rawBytes();
        if (!Crc32c.of(stored).equals(coded.entry().storedCrc())) {
            throw new IllegalStateException("the sum of the stored bytes does not hold");
        }
        CRC32C sum = new CRC32C();
        ByteBuffer raw = switch (coded.entry().coding()) {
            case RAW -> stored;
            case ZSTD -> {
                frames.decompress(stored, other.clear(), rawBytes);
                sum.update(other.duplicate());
                yield other;
            }
            case PLANES -> {
                planes.decode(stored, other, third, rawBytes, sum::update);
                yield third;
            }
        };
        if (raw != stored && (int) sum.getValue() != coded.entry().rawCrc().value()) {
            throw new IllegalStateException("the sum of the raw bytes does not hold");
        }
        return raw;
    }

    @Override
    public void close() {
        planes.close();
        frames.close();
    }

    private static double median(double[] values) {
        Arrays.sort(values);
        return values[values.length / 2];
    }

    private static long now() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }
}
