package dev.moorage.benchmarks;

import dev.moorage.checkpoint.BufferPool;
import dev.moorage.checkpoint.Lanes;
import dev.moorage.checkpoint.ManifestLog;
import dev.moorage.checkpoint.MemorySource;
import dev.moorage.checkpoint.PartRecord;
import dev.moorage.checkpoint.Progress;
import dev.moorage.checkpoint.Safetensors;
import dev.moorage.checkpoint.ShardWriter;
import dev.moorage.checkpoint.TensorIndex;
import dev.moorage.checkpoint.WrittenShard;
import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.Dtype;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.SaveSpec;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.WorldSize;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PartHeader;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.PlannedShard;
import dev.moorage.storage.ObjectStore;
import dev.moorage.storage.Stores;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Finding one of 100,000 tensors among 1,000 parts on a file store: with the tensor index, and beside it without, by reading all
 * part records. The objects are in the page cache, and the JVM has made the checkpoint before: what is measured is the work, not
 * the start of a command.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(
        value = 1,
        jvmArgs = {"-Xmx512m", "--enable-native-access=ALL-UNNAMED"})
public class TensorLookup {
    private static final int PARTS = 1_000;
    private static final int TENSORS_OF_PART = 100;
    private static final String WANTED = "layers.777.block.42.weight";
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final AttemptId ATTEMPT = new CheckpointId(new JobName("bench"), new Step(1)).attempt(1);

    private Path folder;
    private ObjectStore store;
    private ManifestLog log;
    private Manifest.Committed manifest;

    /** Makes the checkpoint: small tensors, as their bytes do not matter here. */
    @Setup
    public void prepare() throws IOException {
        folder = Files.createTempDirectory("bench");
        store = Stores.openForWriting(folder.resolve("store").toString());
        log = new ManifestLog(store, System::currentTimeMillis);
        List<PartRef> parts = new ArrayList<>();
        long raw = 0;
        long stored = 0;
        try (Lanes lanes = new Lanes(Runtime.getRuntime().availableProcessors(), "bench")) {
            BufferPool buffers = new BufferPool(8L * BufferPool.BUFFER_BYTES);
            for (int rank = 0; rank < PARTS; rank++) {
                WrittenShard shard = shard(new ShardWriter(store, buffers, lanes), rank);
                parts.add(part(rank, shard));
                raw += shard.stored().rawBytes();
                stored += shard.stored().storedBytes();
            }
        }
        SaveSpec spec = new SaveSpec(new WorldSize(PARTS), Codec.NONE, VerifyDepth.NONE, new TreeMap<>());
        manifest = new Manifest.Committed(
                ATTEMPT, new RunNumber(1), spec, parts, raw, stored, new Epoch(1), Nonce.random(), 0);
        if (!new TensorIndex(store).write(manifest, DEADLINE)) {
            throw new IllegalStateException("no index was made");
        }
    }

    private static WrittenShard shard(ShardWriter writer, int rank) {
        List<Safetensors.Tensor> tensors = new ArrayList<>();
        for (int i = 0; i < TENSORS_OF_PART; i++) {
            String name = "layers." + rank + ".block." + i + ".weight";
            tensors.add(new Safetensors.Tensor(name, Dtype.F32, List.of(4L), Optional.empty()));
        }
        ByteBuffer header = Safetensors.header(tensors, Map.of());
        ByteBuffer file = ByteBuffer.allocate(header.remaining() + TENSORS_OF_PART * 16);
        file.put(header).clear();
        writer.compression(Codec.NONE);
        PlannedShard plan =
                new PlannedShard(ShardId.own(rank), ShardFormat.SAFETENSORS, file.remaining(), Crc32c.of(file));
        return writer.write(ATTEMPT, plan, new MemorySource(file), Progress.NONE);
    }

    private PartRef part(int rank, WrittenShard shard) {
        PartHeader header = new PartHeader(
                ATTEMPT,
                new RunNumber(1),
                new PartNumber(rank),
                new WorkerId("host-" + rank),
                Incarnation.random(),
                Nonce.random(),
                List.of(shard.stored()));
        ManifestLog.PartWrite written = log.writePart(new PartRecord(header, List.of(shard.detail())), DEADLINE);
        return ((ManifestLog.PartWrite.Won) written).ref();
    }

    /** Removes all files. */
    @TearDown
    public void remove() throws IOException {
        store.close();
        Folders.remove(folder);
    }

    /** Two objects are read. */
    @Benchmark
    public int withIndex() {
        return entries(new TensorIndex(store).partsWith(manifest, WANTED).orElseThrow());
    }

    /** A thousand objects are read. */
    @Benchmark
    public int withoutIndex() {
        return entries(manifest.parts());
    }

    private int entries(List<PartRef> parts) {
        int found = 0;
        for (PartRef part : parts) {
            found += (int) log.readPart(ATTEMPT, part).details().stream()
                    .flatMap(detail -> detail.tensors().stream())
                    .filter(tensor -> tensor.name().equals(WANTED))
                    .count();
        }
        if (found != 1) {
            throw new IllegalStateException(WANTED + " was found " + found + " times");
        }
        return found;
    }
}
