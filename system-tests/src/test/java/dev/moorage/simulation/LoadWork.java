package dev.moorage.simulation;

import dev.moorage.checkpoint.MemoryTarget;
import dev.moorage.checkpoint.PartRecord;
import dev.moorage.checkpoint.Progress;
import dev.moorage.checkpoint.ShardDetail;
import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.StoredShard;
import dev.moorage.worker.core.SegmentId;
import dev.moorage.worker.core.WorkerEffect;
import dev.moorage.worker.core.WorkerEvent;
import dev.moorage.worker.host.Bench;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Loads shards into segments in memory, with the real reader. */
final class LoadWork {
    private record Found(AttemptId source, StoredShard stored, ShardDetail detail) {}

    private final Bench bench;
    private final Disk disk;
    private final Map<Long, List<Found>> sized = new HashMap<>();

    LoadWork(Bench bench, Disk disk) {
        this.bench = bench;
        this.disk = disk;
    }

    WorkerEvent size(WorkerEffect.StartLoad order) {
        try {
            Manifest.Committed manifest = bench.log()
                    .outcome(order.source())
                    .filter(Manifest.Committed.class::isInstance)
                    .map(Manifest.Committed.class::cast)
                    .orElseThrow(() -> CheckpointException.notFound(order.source() + " is not visible"));
            List<Found> found = new ArrayList<>();
            for (ToWorker.ShardToLoad shard : order.shards()) {
                found.add(find(order.source(), shard));
            }
            sized.put(order.load(), found);
            return new WorkerEvent.LoadSized(
                    order.load(),
                    order.source(),
                    found.stream().map(LoadWork::shard).toList(),
                    manifest.spec().metadata());
        } catch (CheckpointException failure) {
            return new WorkerEvent.LoadFailed(order.load(), failure.kind(), failure.getMessage());
        }
    }

    private Found find(AttemptId source, ToWorker.ShardToLoad wanted) {
        PartRecord record = bench.log().readPart(source, wanted.part());
        for (int i = 0; i < record.details().size(); i++) {
            StoredShard stored = record.header().shards().get(i);
            if (stored.shard().equals(wanted.shard())) {
                return new Found(source, stored, record.details().get(i));
            }
        }
        throw CheckpointException.corrupt(source + " has no " + wanted.shard());
    }

    private static WorkerEvent.SizedShard shard(Found found) {
        StoredShard stored = found.stored();
        return new WorkerEvent.SizedShard(stored.shard().kind(), stored.format(), stored.rawBytes(), stored.rawCrc());
    }

    WorkerEvent fill(WorkerEffect.FillLoad order) {
        try {
            List<Found> found = sized.get(order.load());
            for (int i = 0; i < found.size(); i++) {
                SegmentId id = order.rooms().get(i).segment();
                Found shard = found.get(i);
                if (order.rooms().get(i).from().isPresent()) {
                    disk.rename(order.rooms().get(i).from().get(), id);
                } else {
                    disk.allocate(id, shard.stored().rawBytes());
                }
                bench.data()
                        .reader()
                        .readAll(
                                shard.source(),
                                shard.stored(),
                                shard.detail(),
                                new MemoryTarget(disk.map(id)),
                                Progress.NONE);
            }
            return new WorkerEvent.LoadReady(order.load());
        } catch (CheckpointException failure) {
            return new WorkerEvent.LoadFailed(order.load(), failure.kind(), failure.getMessage());
        }
    }
}
