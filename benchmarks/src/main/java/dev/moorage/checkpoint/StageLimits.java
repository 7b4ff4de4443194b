package dev.moorage.checkpoint;

import dev.moorage.benchmarks.Folders;
import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.record.PlannedShard;
import dev.moorage.protocol.record.StoredShard;
import dev.moorage.storage.ObjectStore;
import dev.moorage.storage.Stores;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What bounds a save and a load: the seconds that each stage takes alone, with all lanes, on the same shards and the same file system.
 * Nothing is coordinated, nothing waits. Lanes are as many as a worker has by default. A pass goes once over all chunks; its seconds are those that the lanes spent in the stage,
 * divided by how many they are.
 */
public final class StageLimits implements AutoCloseable {
    private static final AttemptId ATTEMPT = new CheckpointId(new JobName("limits"), new Step(1)).attempt(1);

    private final Path folder;
    private final Codec codec;
    private final int lanes;
    private final ExecutorService threads;
    private final ObjectStore store;
    private final List<Shard> shards = new ArrayList<>();
    private final List<Chunk> chunks = new ArrayList<>();
    private final List<Bench> benches;

    private record Shard(ShardSource source, ChunkPlan plan, WrittenShard written) {}

    private record Chunk(int shard, int number, int rawBytes, int storedBytes) {}

    /** Seconds of the stages of a save. {@code code} holds both sums. */
    public record Save(double read, double code, double write) {
        /** Of a save in which no stage waits for another, and none overlaps another. */
        public double seconds() {
            return read + code + write;
        }
    }

    /** Seconds of the stages of a load. {@code decode} holds the read from the store and both sums. */
    public record Load(double decode, double writeWarm, double writeCold) {
        /** Into memory that is there already. */
        public double warmSeconds() {
            return decode + writeWarm;
        }

        /** Into new memory. */
        public double coldSeconds() {
            return decode + writeCold;
        }
    }

    /**
     * Stores the shards once, so that there is something to load.
     *
     * @param parent a folder on the file system of the store
     * @param sources safetensors files; stay open
     */
    public StageLimits(Path parent, List<ShardSource> sources, Codec codec) throws IOException {
        this.folder = Files.createTempDirectory(parent, "limits");
        this.codec = codec;
        this.lanes = Math.min(16, Runtime.getRuntime().availableProcessors());
        this.benches = Stream.generate(Bench::new).limit(lanes).toList();
        this.threads = Executors.newFixedThreadPool(lanes);
        this.store = Stores.openForWriting(folder.resolve("store").toString());
        BufferPool buffers = new BufferPool(16L * BufferPool.BUFFER_BYTES);
        try (Lanes writers = new Lanes(lanes, "limits")) {
            for (ShardSource source : sources) {
                shards.add(stored(source, buffers, writers));
            }
        }
    }

    private Shard stored(ShardSource source, BufferPool buffers, Lanes writers) throws IOException {
        long rawBytes = source.length();
        ChunkPlan plan = ChunkPlan.safetensors(Safetensors.parse(source), rawBytes);
        ShardWriter writer = new ShardWriter(store, buffers, writers);
        writer.compression(codec);
        PlannedShard planned =
                new PlannedShard(ShardId.own(shards.size()), ShardFormat.SAFETENSORS, rawBytes, sum(source));
        WrittenShard written = writer.write(ATTEMPT, planned, source, Progress.NONE);
        for (int number = 0; number < plan.count(); number++) {
            ChunkEntry entry = written.detail().chunks().chunks().get(number);
            chunks.add(new Chunk(shards.size(), number, entry.rawBytes(), entry.storedBytes()));
        }
        return new Shard(source, plan, written);
    }

    private static Crc32c sum(ShardSource source) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocateDirect(BufferPool.BUFFER_BYTES);
        Crc32c sum = Crc32c.EMPTY;
        for (long at = 0; at < source.length(); at += buffer.limit()) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), source.length() - at));
            source.read(at, buffer);
            sum = sum.followedBy(Crc32c.of(buffer.flip()), buffer.limit());
        }
        return sum;
    }

    /** Measures the stages of a save. */
    public Save save() throws Exception {
        try (ChunkCoder coder = new ChunkCoder(codec)) {
            double read = pass((chunk, bench) -> {
                long begin = System.nanoTime();
                read(chunk, bench);
                return System.nanoTime() - begin;
            });
            double code = pass((chunk, bench) -> {
                ByteBuffer raw = read(chunk, bench);
                long begin = System.nanoTime();
                coder.code(raw, bench.second(), shards.get(chunk.shard()).plan().content(chunk.number()));
                return System.nanoTime() - begin;
            });
            double write = written(chunk -> chunk.storedBytes(), "save", true);
            Folders.remove(folder.resolve("save"));
            return new Save(read, code, write);
        }
    }

    /** Seconds of a save of all shards by the data plane alone, in this process: no coordinator, no worker, no records. */
    public double pipeline() throws Exception {
        BufferPool buffers = new BufferPool((32L << 20) * lanes);
        List<Callable<WrittenShard>> work = new ArrayList<>();
        ExecutorService callers = Executors.newFixedThreadPool(shards.size());
        try (Lanes writers = new Lanes(lanes, "pipeline")) {
            for (Shard shard : shards) {
                work.add(() -> {
                    ShardWriter writer = new ShardWriter(store, buffers, writers);
                    writer.compression(codec);
                    StoredShard stored = shard.written().stored();
                    PlannedShard planned = new PlannedShard(
                            stored.shard(), ShardFormat.SAFETENSORS, stored.rawBytes(), stored.rawCrc());
                    return writer.write(ATTEMPT, planned, shard.source(), Progress.NONE);
                });
            }
            long begin = System.nanoTime();
            List<Future<WrittenShard>> written = callers.invokeAll(work);
            double seconds = (System.nanoTime() - begin) / 1e9;
            for (Future<WrittenShard> shard : written) {
                store.delete(Layout.shard(ATTEMPT, shard.get().stored()));
            }
            return seconds;
        } finally {
            callers.shutdownNow();
        }
    }

    /** Measures the stages of a load. */
    public Load load() throws Exception {
        List<ChunkReads> reads = new ArrayList<>();
        for (Shard shard : shards) {
            ShardPlace place = new ShardPlace(ATTEMPT, shard.written().stored());
            reads.add(new ChunkReads(store, place, shard.written().detail(), true));
        }
        double decode = pass((chunk, bench) -> {
            long begin = System.nanoTime();
            reads.get(chunk.shard()).raw(chunk.number(), List.of(bench.first(), bench.second(), bench.third()));
            return System.nanoTime() - begin;
        });
        reads.forEach(ChunkReads::close);
        double cold = written(Chunk::rawBytes, "load", true);
        double warm = written(Chunk::rawBytes, "load", false);
        Folders.remove(folder.resolve("load"));
        return new Load(decode, warm, cold);
    }

    private interface Length {
        int of(Chunk chunk);
    }

    /** Writes as many bytes as the chunks have, whatever they are, into one file a lane, and makes them durable. */
    private double written(Length length, String name, boolean fresh) throws Exception {
        Path files = Files.createDirectories(folder.resolve(name));
        return onLanes((lane, chunks, bench) -> {
            StandardOpenOption how = fresh ? StandardOpenOption.CREATE_NEW : StandardOpenOption.CREATE;
            try (FileChannel file = FileChannel.open(files.resolve("lane-" + lane), StandardOpenOption.WRITE, how)) {
                long begin = System.nanoTime();
                for (Chunk chunk : chunks) {
                    ByteBuffer bytes = bench.first().clear().limit(length.of(chunk));
                    while (bytes.hasRemaining()) {
                        file.write(bytes);
                    }
                }
                file.force(false);
                return System.nanoTime() - begin;
            }
        });
    }

    private ByteBuffer read(Chunk chunk, Bench bench) throws IOException {
        Shard shard = shards.get(chunk.shard());
        ByteBuffer raw = bench.first().clear().limit(chunk.rawBytes());
        shard.source().read(shard.plan().begin(chunk.number()), raw);
        return raw.flip();
    }

    /** What a lane has to itself. */
    private record Bench(ByteBuffer first, ByteBuffer second, ByteBuffer third) {
        Bench() {
            this(buffer(), buffer(), buffer());
        }

        private static ByteBuffer buffer() {
            return ByteBuffer.allocateDirect(BufferPool.BUFFER_BYTES);
        }
    }

    private interface Stage {
        /** @return the nanoseconds that count */
        long run(Chunk chunk, Bench bench) throws IOException;
    }

    private interface LaneWork {
        /** @return the nanoseconds that count */
        long run(int lane, List<Chunk> chunks, Bench bench) throws IOException;
    }

    private double pass(Stage stage) throws Exception {
        return onLanes((lane, chunks, bench) -> {
            long spent = 0;
            for (Chunk chunk : chunks) {
                spent += stage.run(chunk, bench);
            }
            return spent;
        });
    }

    /** Each lane always has the same chunks, so that it finds its files as long as it left them. */
    private double onLanes(LaneWork work) throws Exception {
        List<Callable<Long>> calls = new ArrayList<>();
        for (int i = 0; i < lanes; i++) {
            int lane = i;
            List<Chunk> own = IntStream.range(0, chunks.size())
                    .filter(at -> at % lanes == lane)
                    .mapToObj(chunks::get)
                    .toList();
            calls.add(() -> work.run(lane, own, benches.get(lane)));
        }
        long spent = 0;
        for (Future<Long> call : threads.invokeAll(calls)) {
            try {
                spent += call.get();
            } catch (ExecutionException failed) {
                throw new IllegalStateException("a stage failed", failed.getCause());
            }
        }
        return spent / 1e9 / lanes;
    }

    /** Removes all files. */
    @Override
    public void close() throws IOException {
        threads.shutdownNow();
        store.close();
        Folders.remove(folder);
    }
}
