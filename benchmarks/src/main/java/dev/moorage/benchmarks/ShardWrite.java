package dev.moorage.benchmarks;

import com.github.luben.zstd.ZstdCompressCtx;
import dev.moorage.checkpoint.BufferPool;
import dev.moorage.checkpoint.FileSource;
import dev.moorage.checkpoint.Lanes;
import dev.moorage.checkpoint.Progress;
import dev.moorage.checkpoint.ShardDetail;
import dev.moorage.checkpoint.ShardReader;
import dev.moorage.checkpoint.ShardSource;
import dev.moorage.checkpoint.ShardWriter;
import dev.moorage.checkpoint.WrittenShard;
import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.record.PlannedShard;
import dev.moorage.storage.ObjectStore;
import dev.moorage.storage.Stores;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.TimeUnit;
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
 * Writing and reading one shard of 256 MiB bf16 weights through the whole data plane, beside what bounds it: copying, summing and
 * compressing the same bytes alone on one thread. An operation is a shard: 0.25 / (seconds per operation) = GiB/s.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.SECONDS)
@Warmup(iterations = 2, time = 3)
@Measurement(iterations = 5, time = 3)
@Fork(
        value = 1,
        jvmArgs = {"-Xmx512m", "-XX:MaxDirectMemorySize=1g", "--enable-native-access=ALL-UNNAMED"})
public class ShardWrite {
    private static final int BYTES = 256 << 20;
    private static final int CHUNK_BYTES = 4 << 20;
    private static final AttemptId ATTEMPT = new CheckpointId(new JobName("bench"), new Step(1)).attempt(1);

    /** How the shard is compressed. */
    @Param({"none", "zstd:1", "zstd:3"})
    public String codec;

    private final ByteBuffer weights = ByteBuffer.allocateDirect(BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES + (1 << 20));
    private Path folder;
    private ObjectStore store;
    private BufferPool buffers;
    private Lanes lanes;
    private ShardSource source;
    private PlannedShard plan;
    private WrittenShard written;

    /** Makes the weights and one stored shard to read. */
    @Setup
    public void prepare() throws IOException {
        Random random = new Random(7);
        while (weights.hasRemaining()) {
            int bits = Float.floatToRawIntBits((float) (random.nextGaussian() * 0.02));
            weights.putShort((short) (bits >>> 16));
        }
        weights.flip();
        Path shm = Path.of("/dev/shm");
        folder = Files.isDirectory(shm) ? Files.createTempDirectory(shm, "bench") : Files.createTempDirectory("bench");
        Path file = folder.resolve("rank-0.bin");
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            ByteBuffer rest = weights.duplicate();
            while (rest.hasRemaining()) {
                channel.write(rest);
            }
        }
        store = Stores.openForWriting(folder.resolve("store").toString());
        lanes = new Lanes(Runtime.getRuntime().availableProcessors(), "bench");
        buffers = new BufferPool(16L * BufferPool.BUFFER_BYTES);
        source = FileSource.open(file);
        plan = new PlannedShard(ShardId.own(0), ShardFormat.OPAQUE, BYTES, Crc32c.of(weights));
        written = write();
    }

    /** Removes all files. */
    @TearDown
    public void remove() throws IOException {
        lanes.close();
        source.close();
        store.close();
        Folders.remove(folder);
    }

    /** The limit of all: one copy in memory. */
    @Benchmark
    public int limitCopy() {
        for (int at = 0; at < BYTES; at += CHUNK_BYTES) {
            chunk.clear();
            chunk.put(weights.slice(at, CHUNK_BYTES));
        }
        return chunk.get(0);
    }

    /** The limit of a check: one sum. */
    @Benchmark
    public long limitSum() {
        CRC32C sum = new CRC32C();
        sum.update(weights.duplicate());
        return sum.getValue();
    }

    /** The limit of compression on one thread: zstd alone in the same chunks, level 3 for {@code none}. */
    @Benchmark
    public long limitZstd() {
        long stored = 0;
        try (ZstdCompressCtx zstd = new ZstdCompressCtx()) {
            zstd.setLevel(codec.equals("none") ? 3 : Codec.parse(codec).level());
            for (int at = 0; at < BYTES; at += CHUNK_BYTES) {
                chunk.clear();
                stored += zstd.compressDirectByteBuffer(chunk, 0, chunk.capacity(), weights, at, CHUNK_BYTES);
            }
        }
        return stored;
    }

    /** Read, sum, compress, sum, upload to a file store with fsync; the object is removed again. */
    @Benchmark
    public WrittenShard write() throws IOException {
        ShardWriter writer = new ShardWriter(store, buffers, lanes);
        writer.compression(Codec.parse(codec));
        WrittenShard result = writer.write(ATTEMPT, plan, source, Progress.NONE);
        if (written != null) {
            store.delete(dev.moorage.checkpoint.Layout.shard(ATTEMPT, result.stored()));
        }
        return result;
    }

    /** Fetch, sum, decompress, sum, into nothing: what a verification of every byte costs. */
    @Benchmark
    public ShardDetail readVerified() {
        ShardReader reader = new ShardReader(store, buffers, lanes);
        reader.readAll(ATTEMPT, written.stored(), written.detail(), (position, bytes) -> {}, Progress.NONE);
        return written.detail();
    }
}
