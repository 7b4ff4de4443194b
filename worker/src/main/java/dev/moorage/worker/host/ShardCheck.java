package dev.moorage.worker.host;

import dev.moorage.checkpoint.Layout;
import dev.moorage.checkpoint.PartRecord;
import dev.moorage.checkpoint.ShardDetail;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.record.Finding;
import dev.moorage.protocol.record.StoredShard;
import dev.moorage.worker.core.WorkerEvent;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** Verifies shards of a part, by the part record that the manifest names. The reader writes the audit line of each shard. */
final class ShardCheck implements Task.Work {
    private static final int FINDINGS_MAX = 50;

    private final ToWorker.CheckShards order;
    private final Bench bench;

    ShardCheck(ToWorker.CheckShards order, Bench bench) {
        this.order = order;
        this.bench = bench;
    }

    @Override
    public WorkerEvent run(Gauge gauge) {
        Map<ShardId, StoredShard> stored = new HashMap<>();
        Map<ShardId, ShardDetail> details = new HashMap<>();
        if (order.depth().kind() == VerifyDepth.Kind.ATTEST) {
            bench.log()
                    .readHead(order.attempt(), order.part())
                    .header()
                    .shards()
                    .forEach(shard -> stored.put(shard.shard(), shard));
        } else {
            PartRecord record = bench.log().readPart(order.attempt(), order.part());
            for (int i = 0; i < record.details().size(); i++) {
                StoredShard shard = record.header().shards().get(i);
                stored.put(shard.shard(), shard);
                details.put(shard.shard(), record.details().get(i));
            }
        }
        List<Finding> findings = new ArrayList<>();
        for (ShardId id : order.shards()) {
            StoredShard shard = stored.get(id);
            if (shard == null) {
                findings.add(finding(id, VerdictResult.CORRUPT, "the part record does not hold this shard"));
            } else {
                findings.addAll(verify(shard, Optional.ofNullable(details.get(id)), gauge));
            }
        }
        return checked(findings, gauge.storedBytes(), proven(stored));
    }

    private List<Finding> verify(StoredShard shard, Optional<ShardDetail> detail, Gauge gauge) {
        long before = gauge.rawBytes();
        List<Finding> findings =
                bench.reader().verify(order.attempt(), shard, detail, order.depth(), order.seed(), gauge);
        // The reader counts raw bytes; what it read of the store for them is in proportion, and exact for a whole
        // shard.
        gauge.stored(Math.round((gauge.rawBytes() - before) * shard.ratio()));
        return findings;
    }

    private String proven(Map<ShardId, StoredShard> stored) {
        return switch (order.depth().kind()) {
            case NONE -> "nothing";
            case ATTEST -> hasSums(stored) ? "size and the store's own checksum" : "size only";
            case SAMPLE -> "sizes, and both checksums of sampled chunks, read back";
            case FULL -> "size, and both checksums of every byte, read back";
        };
    }

    private boolean hasSums(Map<ShardId, StoredShard> stored) {
        try {
            for (ShardId id : order.shards()) {
                StoredShard shard = stored.get(id);
                if (shard == null
                        || bench.store()
                                .stat(Layout.shard(order.attempt(), shard))
                                .crc()
                                .isEmpty()) {
                    return false;
                }
            }
            return true;
        } catch (IOException unanswered) {
            return false;
        }
    }

    private Finding finding(ShardId id, VerdictResult result, String message) {
        return new Finding(
                id,
                result,
                OptionalInt.empty(),
                order.attempt() + " part " + order.part().part() + ": " + message);
    }

    private WorkerEvent checked(List<Finding> findings, long bytesRead, String proven) {
        VerdictResult result = VerdictResult.GOOD;
        if (findings.stream().anyMatch(finding -> finding.result() == VerdictResult.CORRUPT)) {
            result = VerdictResult.CORRUPT;
        } else if (!findings.isEmpty()) {
            result = VerdictResult.INCOMPLETE;
        }
        WorkerEvent.CheckKey key = key();
        List<Finding> first = findings.subList(0, Math.min(findings.size(), FINDINGS_MAX));
        return new WorkerEvent.Checked(
                key, new WorkerEvent.CheckResult(result, order.shards().size(), bytesRead, proven, first));
    }

    private WorkerEvent.CheckKey key() {
        return WorkerEvent.CheckKey.of(order);
    }

    @Override
    public WorkerEvent failed(Throwable failure) {
        boolean corrupt = failure instanceof CheckpointException known
                && (known.kind() == FailureKind.CORRUPT || known.kind() == FailureKind.NOT_FOUND);
        VerdictResult result = corrupt ? VerdictResult.CORRUPT : VerdictResult.INCOMPLETE;
        String message = failure instanceof CheckpointException ? failure.getMessage() : failure.toString();
        List<Finding> findings =
                order.shards().stream().map(id -> finding(id, result, message)).toList();
        return checked(findings, 0, "nothing");
    }

    @Override
    public WorkerEvent moved(Gauge gauge) {
        return new WorkerEvent.CheckMoved(key(), gauge.rawBytes());
    }

    @Override
    public String toString() {
        return "check of " + order.attempt() + " part " + order.part().part();
    }
}
