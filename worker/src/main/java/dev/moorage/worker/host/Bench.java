package dev.moorage.worker.host;

import static java.util.Objects.requireNonNull;

import dev.moorage.checkpoint.ManifestLog;
import dev.moorage.checkpoint.ShardReader;
import dev.moorage.checkpoint.ShardSource;
import dev.moorage.checkpoint.ShardWriter;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.WorkerId;
import dev.moorage.storage.ObjectStore;
import dev.moorage.worker.core.SegmentId;
import dev.moorage.worker.staging.Staging;

/**
 * All that the work on shards needs, shared by everything that one worker does.
 *
 * @param store for records and questions; shards go through {@code data}
 */
public record Bench(
        WorkerId worker,
        Incarnation incarnation,
        ObjectStore store,
        ManifestLog log,
        Staging staging,
        References references,
        DataPlane data) {
    public Bench {
        requireNonNull(worker);
        requireNonNull(incarnation);
        requireNonNull(store);
        requireNonNull(log);
        requireNonNull(staging);
        requireNonNull(references);
        requireNonNull(data);
    }

    ShardWriter writer() {
        return data.writer();
    }

    ShardReader reader() {
        return data.reader();
    }

    /** What was staged, from a segment or from where it stays. */
    ShardSource open(SegmentId segment, long bytes) {
        return references.open(segment).orElseGet(() -> staging.source(segment, bytes));
    }
}
