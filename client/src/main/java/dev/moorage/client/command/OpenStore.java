package dev.moorage.client.command;

import dev.moorage.checkpoint.BufferPool;
import dev.moorage.checkpoint.Catalog;
import dev.moorage.checkpoint.Lanes;
import dev.moorage.checkpoint.ManifestLog;
import dev.moorage.checkpoint.PartRecord;
import dev.moorage.checkpoint.ShardDetail;
import dev.moorage.checkpoint.ShardReader;
import dev.moorage.checkpoint.TensorIndex;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.StoredShard;
import dev.moorage.storage.ObjectStore;
import dev.moorage.storage.Stores;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A store that this process reads by itself, with all that reading it takes.
 *
 * @param log its records
 * @param reader of its shards
 * @param catalog answers about it
 */
record OpenStore(ObjectStore store, Lanes lanes, ManifestLog log, ShardReader reader, Catalog catalog)
        implements AutoCloseable {
    private static final long BUFFER_BYTES = 96L << 20;
    private static final int LANES_MAX = 8;

    /** A shard with what is inside. */
    record Shard(StoredShard stored, ShardDetail detail) {
        ShardId id() {
            return stored.shard();
        }
    }

    static OpenStore forReading(String uri) {
        return of(Stores.openForReading(uri));
    }

    static OpenStore forWriting(String uri) {
        return of(Stores.openForWriting(uri));
    }

    private static OpenStore of(ObjectStore store) {
        int threads = Math.min(LANES_MAX, Runtime.getRuntime().availableProcessors());
        Lanes lanes = new Lanes(threads, "moorage-read");
        // The only wall clock of the commands: the label of a verdict that --record writes.
        ManifestLog log = new ManifestLog(store, System::currentTimeMillis);
        ShardReader reader = new ShardReader(store, new BufferPool(BUFFER_BYTES), lanes);
        return new OpenStore(store, lanes, log, reader, new Catalog(log, reader));
    }

    /** All shards of a checkpoint by rank, their records proved. */
    List<Shard> shards(Manifest.Committed manifest) {
        return shards(manifest, manifest.parts());
    }

    /** The shards among which a tensor is: as few as the store's index tells, all of them where it tells nothing. */
    List<Shard> shardsAround(Manifest.Committed manifest, String tensor) {
        return shards(
                manifest, new TensorIndex(store).partsWith(manifest, tensor).orElse(manifest.parts()));
    }

    private List<Shard> shards(Manifest.Committed manifest, List<PartRef> parts) {
        List<Shard> shards = new ArrayList<>();
        for (PartRef part : parts) {
            PartRecord record = log.readPart(manifest.attempt(), part);
            for (int i = 0; i < record.details().size(); i++) {
                shards.add(new Shard(
                        record.header().shards().get(i), record.details().get(i)));
            }
        }
        shards.sort(Comparator.comparing(Shard::id));
        return shards;
    }

    @Override
    public void close() {
        lanes.close();
        try {
            store.close();
        } catch (IOException ignored) {
            // What was read is complete and what was written was answered; nothing depends on the close.
        }
    }
}
