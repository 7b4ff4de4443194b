package dev.moorage.checkpoint;

import dev.moorage.protocol.Attempt;
import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.record.PlannedShard;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;

/** What a test of the data plane needs: a store, two lanes, a few buffers, and an attempt to write for. */
final class Shelf implements AutoCloseable {
    static final AttemptId ATTEMPT = new AttemptId(new JobName("llama"), new Step(7), new Attempt(1));
    static final int CHUNK = ChunkEntry.RAW_BYTES_MAX;

    final TamperedStore store = new TamperedStore();
    final BufferPool buffers;
    final Lanes lanes;

    Shelf() {
        this(6, 2);
    }

    Shelf(int buffers, int lanes) {
        this.buffers = new BufferPool((long) buffers * BufferPool.BUFFER_BYTES);
        this.lanes = new Lanes(lanes, "test-lane");
    }

    ShardWriter writer(Codec codec) {
        ShardWriter writer = new ShardWriter(store, buffers, lanes);
        writer.compression(codec);
        return writer;
    }

    ShardReader reader() {
        return new ShardReader(store, buffers, lanes);
    }

    WrittenShard write(Codec codec, ShardFormat format, byte[] raw) {
        return writer(codec)
                .write(ATTEMPT, planned(3, format, raw), new MemorySource(ByteBuffer.wrap(raw)), Progress.NONE);
    }

    WrittenShard write(Codec codec, byte[] raw) {
        return write(codec, ShardFormat.OPAQUE, raw);
    }

    static PlannedShard planned(int rank, ShardFormat format, byte[] raw) {
        return new PlannedShard(ShardId.own(rank), format, raw.length, Crc32c.of(ByteBuffer.wrap(raw)));
    }

    byte[] read(WrittenShard shard) {
        byte[] raw = new byte[(int) shard.stored().rawBytes()];
        reader().readAll(
                        ATTEMPT, shard.stored(), shard.detail(), new MemoryTarget(ByteBuffer.wrap(raw)), Progress.NONE);
        return raw;
    }

    byte[] range(WrittenShard shard, long position, int length) {
        byte[] raw = new byte[length];
        reader().readRange(
                        ATTEMPT,
                        shard.stored(),
                        shard.detail(),
                        position,
                        length,
                        new MemoryTarget(ByteBuffer.wrap(raw)));
        return raw;
    }

    static String key(WrittenShard shard) {
        return Layout.shard(ATTEMPT, shard.stored());
    }

    byte[] content(WrittenShard shard) throws IOException {
        return store.content(key(shard));
    }

    /** Half of it repeats, half of it does not compress. */
    static byte[] bytes(long seed, int length) {
        byte[] bytes = new byte[length];
        Random random = new Random(seed);
        byte[] noise = new byte[1 << 10];
        for (int i = 0; i < length; i += noise.length) {
            if (i / noise.length % 2 == 0) {
                random.nextBytes(noise);
            }
            System.arraycopy(noise, 0, bytes, i, Math.min(noise.length, length - i));
        }
        return bytes;
    }

    @Override
    public void close() {
        lanes.close();
    }
}
