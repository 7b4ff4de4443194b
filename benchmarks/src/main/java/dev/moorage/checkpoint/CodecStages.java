package dev.moorage.checkpoint;

import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What each stage of codec {@code auto} costs on a real model, one thread, beside its limits: a copy, a sum, zstd at level 1
 * and 3 of the same chunks. An operation is the whole model: bytes / time = speed. The copy that gives each coder a fresh
 * chunk is part of {@code code}, {@code decode} and both {@code limitZstd}.
 *
 * <p>For sizes, and for pairs that a busy machine cannot skew, see {@link CodecPairs}.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 2)
@Measurement(iterations = 7, time = 2)
@Fork(
        value = 1,
        jvmArgs = {"-Xmx512m", "-XX:MaxDirectMemorySize=1g", "--enable-native-access=ALL-UNNAMED"})
public class CodecStages {
    /** The safetensors file. */
    @Param("model.safetensors")
    public String model;

    /** Its elements. */
    @Param({"bf16", "f32"})
    public String type;

    private final ByteBuffer first = ByteBuffer.allocateDirect(BufferPool.BUFFER_BYTES);
    private final ByteBuffer second = ByteBuffer.allocateDirect(BufferPool.BUFFER_BYTES);
    private final ByteBuffer third = ByteBuffer.allocateDirect(BufferPool.BUFFER_BYTES);
    private final List<ByteBuffer> stored = new ArrayList<>();
    private final List<ChunkEntry> entries = new ArrayList<>();
    private final ChunkCoder coder = new ChunkCoder(Codec.AUTO);
    private final ZstdFrames level1 = ZstdFrames.ofLevel(1);
    private final ZstdFrames level3 = ZstdFrames.ofLevel(3);
    private final PlaneCodec planeCodec = new PlaneCodec();
    private final Planes planes = new Planes();
    private Model weights;
    private PlaneLayout layout;

    /** What a stage does with a chunk in a fresh buffer. */
    private interface Stage {
        long of(ByteBuffer raw, ChunkContent content) throws IOException;
    }

    /** Reads the model and codes it once. */
    @Setup
    public void prepare() throws IOException {
        Model original = Model.read(Path.of(model));
        weights = type.equals("bf16") ? original.asBf16() : original;
        layout = new PlaneLayout(type.equals("bf16") ? 2 : 4, 1);
        each((raw, content) -> {
            ChunkCoder.Coded coded = coder.code(raw, second, content);
            ByteBuffer copy = ByteBuffer.allocateDirect(coded.stored().remaining());
            stored.add(copy.put(coded.stored().duplicate()).flip());
            entries.add(coded.entry());
            return 0;
        });
    }

    /** Gives native memory back. */
    @TearDown
    public void close() {
        coder.close();
        level1.close();
        level3.close();
        planeCodec.close();
    }

    private long each(Stage stage) throws IOException {
        long sum = 0;
        ChunkPlan plan = weights.plan();
        for (int chunk = 0; chunk < plan.count(); chunk++) {
            first.clear()
                    .put(weights.bytes().slice((int) plan.begin(chunk), plan.bytes(chunk)))
                    .flip();
            sum += stage.of(first, plan.content(chunk));
        }
        return sum;
    }

    /** The limit of all: one copy. */
    @Benchmark
    public long limitCopy() throws IOException {
        return each((raw, content) -> raw.get(0));
    }

    /** A copy and one sum. */
    @Benchmark
    public long copyAndSum() throws IOException {
        return each((raw, content) -> Crc32c.of(raw).value());
    }

    /** A copy and zstd at level 1. */
    @Benchmark
    public long limitZstd1() throws IOException {
        return each((raw, content) -> level1.compress(raw, second).remaining());
    }

    /** A copy and zstd at level 3. */
    @Benchmark
    public long limitZstd3() throws IOException {
        return each((raw, content) -> level3.compress(raw, second).remaining());
    }

    /** A copy and the split of every chunk into planes. */
    @Benchmark
    public long split() throws IOException {
        return each((raw, content) -> {
            planes.split(layout, raw, raw.remaining() / layout.width(), second.clear());
            return second.get(0);
        });
    }

    /** The opposite of a split; no copy. */
    @Benchmark
    public long merge() {
        ChunkPlan plan = weights.plan();
        for (int chunk = 0; chunk < plan.count(); chunk++) {
            int elements = plan.bytes(chunk) / layout.width();
            List<ByteBuffer> split = IntStream.range(0, layout.width())
                    .mapToObj(plane -> second.clear().slice(plane * elements, elements))
                    .toList();
            planes.merge(layout, split, elements, first.clear(), bytes -> {});
        }
        return first.get(0);
    }

    /** All that a lane does for a save: a copy, the sum, the sample, split, frames, the sum of what is stored. */
    @Benchmark
    public long code() throws IOException {
        return each((raw, content) -> coder.code(raw, second, content).stored().remaining());
    }

    /** All that a lane does for a restore: a copy of what is stored, its sum, frames, merge, the sum of the raw bytes. */
    @Benchmark
    public long decode() {
        long sum = 0;
        for (int chunk = 0; chunk < stored.size(); chunk++) {
            first.clear().put(stored.get(chunk).duplicate()).flip();
            sum += Crc32c.of(first).value();
            int rawBytes = entries.get(chunk).rawBytes();
            CRC32C rawSum = new CRC32C();
            switch (entries.get(chunk).coding()) {
                case RAW -> {}
                case ZSTD -> {
                    held(level1.decompress(first, second.clear(), rawBytes));
                    rawSum.update(second.duplicate());
                }
                case PLANES -> held(planeCodec.decode(first, second, third, rawBytes, rawSum::update));
            }
            sum += rawSum.getValue();
        }
        return sum;
    }

    private static void held(Optional<String> damage) {
        if (damage.isPresent()) {
            throw new IllegalStateException(damage.get());
        }
    }
}
