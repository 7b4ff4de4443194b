package dev.moorage.client.command;

import dev.moorage.checkpoint.BufferPool;
import dev.moorage.checkpoint.Lanes;
import dev.moorage.checkpoint.ManifestLog;
import dev.moorage.checkpoint.PartRecord;
import dev.moorage.checkpoint.Progress;
import dev.moorage.checkpoint.ShardDetail;
import dev.moorage.checkpoint.ShardSource;
import dev.moorage.checkpoint.ShardWriter;
import dev.moorage.checkpoint.TensorIndex;
import dev.moorage.checkpoint.WrittenShard;
import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
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
import dev.moorage.protocol.record.Intent;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.PlannedPart;
import dev.moorage.protocol.record.PlannedShard;
import dev.moorage.protocol.record.StoredShard;
import dev.moorage.storage.ObjectStore;
import dev.moorage.storage.Stores;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** Checkpoints as a cluster would have written them, made in a test: one part for each rank. */
final class StoredJob implements AutoCloseable {
    /** 2026-01-02 03:04:05 UTC. */
    static final long CREATED = 1_767_323_045_000L;

    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private final JobName job;
    private final ObjectStore store;
    private final Lanes lanes = new Lanes(2, "test-lane");
    private final BufferPool buffers = new BufferPool(32L << 20);
    final ManifestLog log;

    StoredJob(Path root, String job) {
        this.job = new JobName(job);
        this.store = Stores.openForWriting(root.toString());
        this.log = new ManifestLog(store, () -> CREATED);
    }

    /** Commits the shards of ranks 0, 1, … */
    Manifest.Committed commit(long step, Codec codec, ShardFormat format, List<? extends ShardSource> ranks)
            throws IOException {
        AttemptId attempt = open(step, codec, format, ranks);
        List<PartRef> parts = new ArrayList<>();
        long raw = 0;
        long stored = 0;
        for (int rank = 0; rank < ranks.size(); rank++) {
            WrittenShard shard = write(attempt, codec, planned(rank, format, ranks.get(rank)), ranks.get(rank));
            parts.add(part(attempt, rank, shard.stored(), shard.detail()));
            raw += shard.stored().rawBytes();
            stored += shard.stored().storedBytes();
        }
        Manifest.Committed manifest = new Manifest.Committed(
                attempt,
                new RunNumber(1),
                spec(codec, ranks.size()),
                parts,
                raw,
                stored,
                new Epoch(1),
                Nonce.random(),
                CREATED);
        return (Manifest.Committed) log.close(manifest, DEADLINE);
    }

    /** Makes the index of tensors, as a coordinator does after a commit. */
    void index(Manifest.Committed manifest) {
        new TensorIndex(store).write(manifest, DEADLINE);
    }

    /** An attempt that was closed without a checkpoint. */
    void abort(long step, String reason, List<? extends ShardSource> ranks) throws IOException {
        AttemptId attempt = open(step, Codec.DEFAULT, ShardFormat.OPAQUE, ranks);
        log.close(new Manifest.Aborted(attempt, reason, new Epoch(1), Nonce.random(), CREATED), DEADLINE);
    }

    /** An attempt that nobody closed yet. */
    AttemptId open(long step, Codec codec, ShardFormat format, List<? extends ShardSource> ranks) throws IOException {
        AttemptId attempt = new CheckpointId(job, new Step(step)).attempt(1);
        List<PlannedPart> parts = new ArrayList<>();
        for (int rank = 0; rank < ranks.size(); rank++) {
            parts.add(new PlannedPart(new PartNumber(rank), List.of(planned(rank, format, ranks.get(rank)))));
        }
        log.open(
                new Intent(
                        attempt,
                        new RunNumber(1),
                        spec(codec, ranks.size()),
                        parts,
                        new Epoch(1),
                        Nonce.random(),
                        CREATED),
                DEADLINE);
        return attempt;
    }

    private static SaveSpec spec(Codec codec, int ranks) {
        TreeMap<String, String> metadata = new TreeMap<>();
        metadata.put("epoch", "4");
        return new SaveSpec(new WorldSize(ranks), codec, VerifyDepth.FULL, metadata);
    }

    private static PlannedShard planned(int rank, ShardFormat format, ShardSource source) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate((int) source.length());
        source.read(0, bytes);
        return new PlannedShard(ShardId.own(rank), format, source.length(), Crc32c.of(bytes.flip()));
    }

    private WrittenShard write(AttemptId attempt, Codec codec, PlannedShard shard, ShardSource source) {
        ShardWriter writer = new ShardWriter(store, buffers, lanes);
        writer.compression(codec);
        return writer.write(attempt, shard, source, Progress.NONE);
    }

    private PartRef part(AttemptId attempt, int number, StoredShard shard, ShardDetail detail) {
        dev.moorage.protocol.record.PartHeader header = new dev.moorage.protocol.record.PartHeader(
                attempt,
                new RunNumber(1),
                new PartNumber(number),
                new WorkerId("w0"),
                Incarnation.random(),
                Nonce.random(),
                List.of(shard));
        ManifestLog.PartWrite write = log.writePart(new PartRecord(header, List.of(detail)), DEADLINE);
        return ((ManifestLog.PartWrite.Won) write).ref();
    }

    @Override
    public void close() throws IOException {
        lanes.close();
        store.close();
    }
}
