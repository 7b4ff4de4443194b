package dev.moorage.benchmarks.endtoend;

import dev.moorage.checkpoint.Progress;
import dev.moorage.client.Attachment;
import dev.moorage.client.HostClient;
import dev.moorage.client.HostSession;
import dev.moorage.client.LoadedState;
import dev.moorage.client.Segment;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorldSize;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** The ranks of one run, a thread each, attached to the worker of this host. */
final class Ranks implements AutoCloseable {
    private static final int COPY_BYTES = 64 << 20;

    private final Shards shards;
    private final List<HostSession> sessions = new ArrayList<>();
    private final List<Crc32c> sums;
    private final ExecutorService threads;
    /** Stand-ins for the state's own memory: as large as caches let one tell the difference. */
    private final List<ByteBuffer> copies = new ArrayList<>();

    private long loads;

    Ranks(HostClient host, JobName job, Shards shards, Codec codec) throws Exception {
        this.shards = shards;
        int count = shards.sources().size();
        this.threads = Executors.newFixedThreadPool(count);
        this.sums = new ArrayList<>();
        RunToken run = new RunToken("bench-" + Nonce.random().value());
        for (int rank = 0; rank < count; rank++) {
            sums.add(Crc32c.EMPTY);
            copies.add(ByteBuffer.allocateDirect(COPY_BYTES));
            sessions.add(host.attach(new Attachment(
                    job,
                    run,
                    new Rank(rank),
                    new WorldSize(count),
                    Optional.empty(),
                    Optional.of(codec),
                    Optional.of(VerifyDepth.NONE))));
        }
    }

    /** Takes shared memory and copies the state into it: what stalls the training. */
    List<Segment> fill() throws Exception {
        List<Segment> segments = lease();
        return all(rank -> {
            sessions.get(rank).fill(segments.get(rank), shards.sources().get(rank), Progress.NONE);
            return segments.get(rank);
        });
    }

    /** Takes shared memory for the state of each rank: what it gave back before if there is any. */
    List<Segment> lease() throws Exception {
        return all(rank -> sessions.get(rank)
                .lease(ShardKind.OWN, shards.sources().get(rank).length()));
    }

    /** Gives back what was leased and not staged. */
    void giveBack(List<Segment> segments) throws Exception {
        all(rank -> {
            sessions.get(rank).release(segments.get(rank));
            return rank;
        });
    }

    /** Hands the filled segments over; the save begins when the last rank has done so. */
    void stage(List<Segment> segments, Step step) throws Exception {
        List<Crc32c> staged = all(rank -> sessions.get(rank)
                .stage(
                        segments.get(rank),
                        shards.sources().get(rank).length(),
                        step,
                        ShardKind.OWN,
                        ShardFormat.SAFETENSORS,
                        Map.of()));
        for (int rank = 0; rank < staged.size(); rank++) {
            sums.set(rank, staged.get(rank));
        }
    }

    /** Gets the state of all ranks back. */
    List<LoadedState> load(Step step) throws Exception {
        long ordinal = loads++;
        return all(rank -> sessions.get(rank).load(step.toString(), ordinal, false, Progress.NONE));
    }

    /** Copies what was loaded into memory of each rank's own, which is there already: what a training without zero-copy does. */
    void copyOut(List<LoadedState> loaded) throws Exception {
        all(rank -> {
            for (LoadedState.LoadedShard shard : loaded.get(rank).shards()) {
                try (FileChannel file = FileChannel.open(shard.segment().file())) {
                    ByteBuffer own = copies.get(rank);
                    for (long at = 0; at < shard.bytes(); ) {
                        own.clear().limit((int) Math.min(own.capacity(), shard.bytes() - at));
                        at += file.read(own, at);
                    }
                }
            }
            return rank;
        });
    }

    /** Gives loaded segments back, after making sure that they hold what was staged. */
    void release(List<LoadedState> loaded) throws Exception {
        all(rank -> {
            for (LoadedState.LoadedShard shard : loaded.get(rank).shards()) {
                if (!shard.crc().equals(sums.get(rank))) {
                    throw new IllegalStateException("rank " + rank + " got other bytes back than it staged");
                }
                sessions.get(rank).release(shard.segment());
            }
            return rank;
        });
    }

    private interface OfRank<T> {
        T run(int rank) throws IOException;
    }

    private <T> List<T> all(OfRank<T> work) throws Exception {
        List<Callable<T>> calls = new ArrayList<>();
        for (int i = 0; i < sessions.size(); i++) {
            int rank = i;
            calls.add(() -> work.run(rank));
        }
        List<T> results = new ArrayList<>();
        for (Future<T> result : threads.invokeAll(calls)) {
            try {
                results.add(result.get());
            } catch (ExecutionException failed) {
                throw new IllegalStateException(failed.getCause().getMessage(), failed.getCause());
            }
        }
        return results;
    }

    @Override
    public void close() {
        threads.shutdownNow();
        sessions.forEach(HostSession::close);
    }
}
