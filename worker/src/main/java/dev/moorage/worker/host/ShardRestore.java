package dev.moorage.worker.host;

import dev.moorage.checkpoint.AttemptView;
import dev.moorage.checkpoint.FileTarget;
import dev.moorage.checkpoint.PartRecord;
import dev.moorage.checkpoint.ShardDetail;
import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.StoredShard;
import dev.moorage.worker.core.WorkerEffect;
import dev.moorage.worker.core.WorkerEffect.FillLoad.Room;
import dev.moorage.worker.core.WorkerEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;

/** Loads the shards of one rank: first finds out how long they are, then fetches them into segments. */
final class ShardRestore {
    private record Found(StoredShard stored, ShardDetail detail) {}

    private record Source(Manifest.Committed manifest, List<ToWorker.ShardToLoad> shards) {}

    private interface Search {
        Source find();
    }

    private final long load;
    private final Bench bench;
    private final Search search;
    private volatile AttemptId attempt;
    private volatile List<Found> found = List.of();

    private ShardRestore(long load, Bench bench, Search search) {
        this.load = load;
        this.bench = bench;
        this.search = search;
    }

    /** What the coordinator has chosen. */
    static ShardRestore of(WorkerEffect.StartLoad order, Bench bench) {
        return new ShardRestore(order.load(), bench, () -> {
            Manifest.Committed manifest = bench.log()
                    .outcome(order.source())
                    .filter(outcome -> outcome instanceof Manifest.Committed
                            && !bench.log().isDeleted(order.source()))
                    .map(Manifest.Committed.class::cast)
                    .orElseThrow(() -> CheckpointException.notFound(order.source() + " is not a visible checkpoint"));
            return new Source(manifest, order.shards());
        });
    }

    /** What one rank asks for by itself. */
    static ShardRestore of(WorkerEffect.StartLocalLoad order, Bench bench) {
        return new ShardRestore(order.load(), bench, () -> {
            Manifest.Committed manifest = visible(order.checkpoint(), bench);
            List<ToWorker.ShardToLoad> shards = new ArrayList<>();
            shards.add(own(manifest, order.rank()));
            if (order.replicated()) {
                shards.add(replicated(manifest, order.rank()));
            }
            return new Source(manifest, shards);
        });
    }

    private static Manifest.Committed visible(CheckpointId checkpoint, Bench bench) {
        return bench.log().attempts(checkpoint).stream()
                .filter(AttemptView::isVisible)
                .flatMap(view -> view.committed().stream())
                .findFirst()
                .orElseThrow(() -> CheckpointException.notFound("there is no checkpoint of " + checkpoint));
    }

    private static ToWorker.ShardToLoad own(Manifest.Committed manifest, Rank rank) {
        if (!manifest.spec().worldSize().contains(rank)) {
            throw CheckpointException.invalid(manifest.attempt().checkpoint() + " was saved by "
                    + manifest.spec().worldSize() + " ranks and has no shard of rank " + rank);
        }
        return manifest.parts().stream()
                .filter(part -> part.own().contains(rank))
                .findFirst()
                .map(part -> new ToWorker.ShardToLoad(part, new ShardId(rank, ShardKind.OWN)))
                .orElseThrow(() -> CheckpointException.corrupt(
                        manifest.attempt() + ": no part of the manifest holds the shard of rank " + rank));
    }

    /** The manifest names each group by its lowest rank only, so a rank above it is sure of its group if there is one. */
    private static ToWorker.ShardToLoad replicated(Manifest.Committed manifest, Rank rank) {
        List<Rank> groups = manifest.parts().stream()
                .flatMap(part -> part.replicated().ranks())
                .toList();
        Rank group = groups.contains(rank) ? rank : groups.size() == 1 ? groups.get(0) : null;
        if (group == null) {
            throw CheckpointException.invalid(manifest.attempt().checkpoint() + " holds replicated shards of "
                    + groups.size() + " groups, of ranks " + RankSet.of(groups) + " and up; a local load of rank "
                    + rank
                    + " cannot tell which is its own: load job-wide");
        }
        PartRef part = manifest.parts().stream()
                .filter(ref -> ref.replicated().contains(group))
                .findFirst()
                .orElseThrow();
        return new ToWorker.ShardToLoad(part, new ShardId(group, ShardKind.REPLICATED));
    }

    /** The first half: reads manifest and part records. */
    Task.Work size() {
        return new Half() {
            @Override
            public WorkerEvent run(Gauge gauge) {
                return readRecords();
            }
        };
    }

    private WorkerEvent readRecords() {
        Source source = search.find();
        attempt = source.manifest().attempt();
        Map<PartNumber, PartRecord> records = new HashMap<>();
        List<Found> all = new ArrayList<>();
        for (ToWorker.ShardToLoad shard : source.shards()) {
            PartRecord record = records.computeIfAbsent(
                    shard.part().part(), part -> bench.log().readPart(attempt, shard.part()));
            all.add(find(record, shard.shard()));
        }
        found = List.copyOf(all);
        return new WorkerEvent.LoadSized(
                load,
                attempt,
                all.stream().map(ShardRestore::sized).toList(),
                source.manifest().spec().metadata());
    }

    private Found find(PartRecord record, ShardId id) {
        for (int i = 0; i < record.header().shards().size(); i++) {
            StoredShard stored = record.header().shards().get(i);
            if (stored.shard().equals(id)) {
                return new Found(stored, record.details().get(i));
            }
        }
        throw CheckpointException.corrupt(
                attempt + " part " + record.header().part() + ": its record does not hold the shard of " + id);
    }

    private static WorkerEvent.SizedShard sized(Found shard) {
        StoredShard stored = shard.stored();
        return new WorkerEvent.SizedShard(stored.shard().kind(), stored.format(), stored.rawBytes(), stored.rawCrc());
    }

    /** The second half: fetches, decompresses and checks into segments. */
    Task.Work fill(List<Room> rooms) {
        return new Half() {
            @Override
            public WorkerEvent run(Gauge gauge) {
                try {
                    for (int i = 0; i < rooms.size(); i++) {
                        gauge.check();
                        read(found.get(i), rooms.get(i), gauge);
                    }
                    gauge.check();
                } catch (CancellationException cancelled) {
                    // The table has discarded them, but a file may have been made after that.
                    rooms.forEach(room -> bench.staging().discard(room.segment()));
                    throw cancelled;
                }
                return new WorkerEvent.LoadReady(load);
            }
        };
    }

    private void read(Found shard, Room room, Gauge gauge) {
        try (FileTarget target = bench.staging().target(room.segment(), room.from())) {
            bench.reader().readAll(attempt, shard.stored(), shard.detail(), target, gauge);
        } catch (IOException notClosed) {
            throw new CheckpointException(
                    FailureKind.UNAVAILABLE, "segment " + room.segment() + " was not closed: " + notClosed, notClosed);
        }
    }

    private abstract class Half implements Task.Work {
        @Override
        public WorkerEvent failed(Throwable failure) {
            if (failure instanceof CheckpointException known) {
                return new WorkerEvent.LoadFailed(load, known.kind(), known.getMessage());
            }
            return new WorkerEvent.LoadFailed(load, FailureKind.UNAVAILABLE, "load failed: " + failure);
        }

        @Override
        public WorkerEvent moved(Gauge gauge) {
            return new WorkerEvent.LoadMoved(load, gauge.rawBytes());
        }

        @Override
        public String toString() {
            return "load " + load;
        }
    }
}
