package dev.moorage.worker.host;

import dev.moorage.checkpoint.ManifestLog;
import dev.moorage.checkpoint.PartRecord;
import dev.moorage.checkpoint.ShardDetail;
import dev.moorage.checkpoint.ShardSource;
import dev.moorage.checkpoint.ShardWriter;
import dev.moorage.checkpoint.WrittenShard;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.record.PartHeader;
import dev.moorage.protocol.record.StoredShard;
import dev.moorage.storage.StoreFullException;
import dev.moorage.worker.core.SegmentId;
import dev.moorage.worker.core.WorkerEffect;
import dev.moorage.worker.core.WorkerEvent;
import dev.moorage.worker.staging.Staging;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Stores a part: its shards one after the other, and then the record that makes them a part. Never deletes anything. */
final class ShardUpload implements Task.Work {
    private static final Duration RECORD_DEADLINE = Duration.ofSeconds(60);

    private final WorkerEffect.StartUpload order;
    private final Bench bench;

    ShardUpload(WorkerEffect.StartUpload order, Bench bench) {
        this.order = order;
        this.bench = bench;
    }

    @Override
    public WorkerEvent run(Gauge gauge) {
        List<StoredShard> stored = new ArrayList<>();
        List<ShardDetail> details = new ArrayList<>();
        for (WorkerEffect.HeldShard held : order.shards()) {
            WrittenShard written = write(held, gauge);
            stored.add(written.stored());
            details.add(written.detail());
            gauge.stored(written.stored().storedBytes());
        }
        gauge.check();
        PartHeader header = new PartHeader(
                order.attempt(),
                order.run(),
                order.part(),
                bench.worker(),
                bench.incarnation(),
                Nonce.random(),
                stored);
        ManifestLog.PartWrite record = bench.log().writePart(new PartRecord(header, details), RECORD_DEADLINE);
        if (record instanceof ManifestLog.PartWrite.Lost lost) {
            return new WorkerEvent.Uploaded(order.attempt(), order.part(), lost.existing());
        }
        return new WorkerEvent.Uploaded(order.attempt(), order.part(), ((ManifestLog.PartWrite.Won) record).ref());
    }

    private WrittenShard write(WorkerEffect.HeldShard held, Gauge gauge) {
        try (ShardSource source = bench.open(held.segment(), held.shard().rawBytes())) {
            ShardWriter writer = bench.writer();
            writer.compression(order.codec());
            return writer.write(order.attempt(), held.shard(), source, gauge);
        } catch (IOException notClosed) {
            throw new CheckpointException(
                    FailureKind.UNAVAILABLE, "segment " + held.segment() + " was not closed: " + notClosed, notClosed);
        }
    }

    @Override
    public WorkerEvent failed(Throwable failure) {
        String reason = order.attempt() + " part " + order.part() + " on worker " + bench.worker() + ": "
                + (failure instanceof CheckpointException ? failure.getMessage() : failure.toString());
        Set<SegmentId> spoiled = spoiled();
        boolean retryable = spoiled.isEmpty()
                && failure instanceof CheckpointException known
                && (known.kind() == FailureKind.UNAVAILABLE || known.kind() == FailureKind.IN_DOUBT)
                && !isFull(failure);
        return new WorkerEvent.UploadFailed(order.attempt(), order.part(), retryable, reason, spoiled);
    }

    /** A full store does not empty itself: trying again is for people to decide. */
    private static boolean isFull(Throwable failure) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof StoreFullException) {
                return true;
            }
        }
        return false;
    }

    private Set<SegmentId> spoiled() {
        Set<SegmentId> spoiled = new LinkedHashSet<>();
        for (WorkerEffect.HeldShard held : order.shards()) {
            try (ShardSource source = bench.open(held.segment(), held.shard().rawBytes())) {
                if (!Staging.sum(source).equals(held.shard().rawCrc())) {
                    spoiled.add(held.segment());
                }
            } catch (IOException | CheckpointException unreadable) {
                spoiled.add(held.segment());
            }
        }
        return spoiled;
    }

    @Override
    public WorkerEvent moved(Gauge gauge) {
        return new WorkerEvent.UploadMoved(order.attempt(), order.part(), gauge.rawBytes(), gauge.storedBytes());
    }

    @Override
    public String toString() {
        return "upload of " + order.attempt() + " part " + order.part();
    }
}
