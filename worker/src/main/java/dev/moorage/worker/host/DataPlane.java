package dev.moorage.worker.host;

import static java.util.Objects.requireNonNull;

import dev.moorage.checkpoint.BufferPool;
import dev.moorage.checkpoint.Lanes;
import dev.moorage.checkpoint.ShardReader;
import dev.moorage.checkpoint.ShardWriter;
import dev.moorage.storage.Bandwidth;
import dev.moorage.storage.ObjectStore;
import dev.moorage.storage.Stores;
import java.util.OptionalLong;
import java.util.function.Supplier;

/**
 * How the bytes of shards go to the store and come from it, by all uploads, checks and loads of a worker together. Only they are
 * held back by a bandwidth: records, on which decisions wait, go past it.
 */
public final class DataPlane implements AutoCloseable {
    private final Way up;
    private final Way down;

    /** A way of bytes: with a limit it has lanes and buffers of its own, as whoever waits for bandwidth keeps them. */
    private record Way(ObjectStore store, BufferPool buffers, Lanes lanes) {}

    private DataPlane(Way up, Way down) {
        this.up = up;
        this.down = down;
    }

    /** Without limits. The lanes are closed with it. */
    public static DataPlane of(ObjectStore store, BufferPool buffers, Lanes lanes) {
        Way way = new Way(requireNonNull(store), requireNonNull(buffers), requireNonNull(lanes));
        return new DataPlane(way, way);
    }

    /**
     * Within a bandwidth.
     *
     * @param bufferBytes of both ways together
     * @param lanes makes lanes; asked once for each way that needs its own
     */
    public static DataPlane of(ObjectStore store, Bandwidth bandwidth, long bufferBytes, Supplier<Lanes> lanes) {
        if (bandwidth.readBytesPerSecond().isEmpty()) {
            // An upload waits on its own thread, not in a lane, so it holds nobody else back.
            Way way = new Way(Stores.throttled(store, bandwidth), new BufferPool(bufferBytes), lanes.get());
            return new DataPlane(way, way);
        }
        Bandwidth upload = new Bandwidth(bandwidth.uploadBytesPerSecond(), OptionalLong.empty());
        Bandwidth read = new Bandwidth(OptionalLong.empty(), bandwidth.readBytesPerSecond());
        return new DataPlane(
                new Way(Stores.throttled(store, upload), new BufferPool(bufferBytes / 2), lanes.get()),
                new Way(Stores.throttled(store, read), new BufferPool(bufferBytes / 2), lanes.get()));
    }

    /** For one shard. */
    public ShardWriter writer() {
        return new ShardWriter(up.store(), up.buffers(), up.lanes());
    }

    /** For any number of shards. */
    public ShardReader reader() {
        return new ShardReader(down.store(), down.buffers(), down.lanes());
    }

    /** Lets work that was begun end and takes no more; the store stays open. */
    @Override
    public void close() {
        up.lanes().close();
        down.lanes().close();
    }
}
