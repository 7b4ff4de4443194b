package dev.moorage.coordinator;

import static java.util.Objects.requireNonNull;

import dev.moorage.checkpoint.BufferPool;
import dev.moorage.checkpoint.Catalog;
import dev.moorage.checkpoint.Lanes;
import dev.moorage.checkpoint.ManifestLog;
import dev.moorage.checkpoint.ShardReader;
import dev.moorage.storage.ObjectStore;
import java.time.Duration;
import java.util.function.LongSupplier;

/** The one store of a coordinator node, seen as records. Shared by all jobs; any thread. */
public final class CoordinatorStore implements AutoCloseable {
    /** A coordinator reads records and no shards; the reader behind the catalog gets the least that it takes. */
    private static final long BUFFER_BYTES = 16L << 20;

    private final ObjectStore store;
    private final Duration deadline;
    private final LongSupplier wallClockMillis;
    private final Lanes lanes = new Lanes(1, "moorage-catalog");
    private final ManifestLog manifests;
    private final Catalog catalog;

    /**
     * @param store stays open when this is closed
     * @param deadline of each write, until it is in doubt
     * @param wallClockMillis since 1970, for labels only
     */
    public CoordinatorStore(ObjectStore store, Duration deadline, LongSupplier wallClockMillis) {
        this.store = requireNonNull(store);
        this.deadline = requireNonNull(deadline);
        this.wallClockMillis = requireNonNull(wallClockMillis);
        this.manifests = new ManifestLog(store, wallClockMillis);
        this.catalog = new Catalog(manifests, new ShardReader(store, new BufferPool(BUFFER_BYTES), lanes));
    }

    /** The objects. */
    public ObjectStore objects() {
        return store;
    }

    /** The records of attempts. */
    public ManifestLog manifests() {
        return manifests;
    }

    /** Which checkpoints there are. */
    public Catalog catalog() {
        return catalog;
    }

    /** How long a write may take until it is in doubt. */
    public Duration deadline() {
        return deadline;
    }

    /** Milliseconds since 1970, a label. */
    public long wallClockMillis() {
        return wallClockMillis.getAsLong();
    }

    LongSupplier wallClock() {
        return wallClockMillis;
    }

    @Override
    public void close() {
        lanes.close();
    }
}
