package dev.moorage.checkpoint;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.UploadId;
import dev.moorage.protocol.record.PlannedShard;
import dev.moorage.protocol.record.StoredShard;
import dev.moorage.storage.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Writes one shard, streaming: lanes read, sum and compress chunks while the calling thread uploads them in order. Needs two
 * buffers of the pool to go on, uses more when they are free, and never holds more than a few chunks.
 *
 * <p>{@link #write} is called once, from any thread that is not a lane; the other methods from any thread.
 */
public final class ShardWriter {
    private final ObjectStore store;
    private final BufferPool buffers;
    private final Lanes lanes;
    private final AtomicBoolean begun = new AtomicBoolean();
    private volatile Codec codec = Codec.DEFAULT;
    private volatile Lengths done = new Lengths(0, 0);

    /** Bytes that went through so far. */
    private record Lengths(long raw, long stored) {}

    /** A writer that compresses with {@link Codec#DEFAULT}. */
    public ShardWriter(ObjectStore store, BufferPool buffers, Lanes lanes) {
        this.store = requireNonNull(store);
        this.buffers = requireNonNull(buffers);
        this.lanes = requireNonNull(lanes);
    }

    /** Whether {@link #compression} may ask for compression: on every store. */
    public boolean supportsCompression() {
        return true;
    }

    /**
     * Chooses the codec.
     *
     * @throws CheckpointException INVALID once the first byte is on its way
     */
    public void compression(Codec codec) {
        if (begun.get()) {
            throw CheckpointException.invalid(
                    "compression is chosen before the first byte is written; it is " + this.codec + " for this shard");
        }
        this.codec = requireNonNull(codec);
    }

    /** Stored over raw bytes so far: below 1 is a gain. Empty before the first byte. */
    public OptionalDouble compressionRatio() {
        Lengths now = done;
        return now.raw() == 0 ? OptionalDouble.empty() : OptionalDouble.of((double) now.stored() / now.raw());
    }

    /**
     * Makes the shard durable under a fresh name. Whatever else happens, nothing becomes visible and all buffers are given
     * back.
     *
     * @param raw the bytes; stays open
     * @param progress told of raw bytes that were uploaded; may throw {@link CancellationException} to stop
     * @throws CheckpointException INVALID if the bytes are not the safetensors file that they are said to be; UNAVAILABLE if
     *     the store or the source fails, or if the bytes are not those that were staged any more
     * @throws CancellationException if the thread is interrupted; it stays so
     */
    public WrittenShard write(AttemptId attempt, PlannedShard shard, ShardSource raw, Progress progress) {
        if (!begun.compareAndSet(false, true)) {
            throw CheckpointException.invalid("a shard writer writes one shard; make another for " + shard.shard());
        }
        StoredShard name = new StoredShard(
                shard.shard(),
                shard.format(),
                UploadId.random(),
                codec,
                shard.rawBytes(),
                0,
                shard.rawCrc(),
                Crc32c.EMPTY);
        ShardPlace place = new ShardPlace(attempt, name);
        if (raw.length() != shard.rawBytes()) {
            throw CheckpointException.unavailable(place + ": written after staging: it has " + raw.length()
                    + " bytes now, expected " + shard.rawBytes() + "; stage and save the step again");
        }
        Optional<SafetensorsHeader> header =
                shard.format() == ShardFormat.SAFETENSORS ? Optional.of(header(place, raw)) : Optional.empty();
        ChunkPlan plan = header.map(head -> ChunkPlan.safetensors(head, shard.rawBytes()))
                .orElseGet(() -> ChunkPlan.opaque(shard.rawBytes()));
        ChunkTable chunks = upload(place, plan, raw, progress);
        List<TensorEntry> tensors = header.map(SafetensorsHeader::tensors).orElse(List.of());
        return new WrittenShard(named(name, chunks), new ShardDetail(tensors, chunks));
    }

    private static SafetensorsHeader header(ShardPlace place, ShardSource raw) {
        try {
            return Safetensors.parse(raw);
        } catch (CheckpointException refused) {
            throw new CheckpointException(refused.kind(), place + ": " + refused.getMessage(), refused);
        }
    }

    private static StoredShard named(StoredShard name, ChunkTable chunks) {
        return new StoredShard(
                name.shard(),
                name.format(),
                name.uploadId(),
                name.codec(),
                name.rawBytes(),
                chunks.storedBytes(),
                name.rawCrc(),
                chunks.storedCrc());
    }

    private ChunkTable upload(ShardPlace place, ChunkPlan plan, ShardSource raw, Progress progress) {
        List<ChunkEntry> entries = new ArrayList<>(plan.count());
        SeekTable seekTable = new SeekTable();
        boolean seekable = codec.kind() == Codec.Kind.ZSTD;
        try (ChunkCoder coder = new ChunkCoder(codec);
                ObjectStore.Upload upload = store.upload(place.key())) {
            new ChunkRun(buffers, lanes, coder.buffersPerChunk())
                    .inOrder(
                            plan.count(),
                            n -> n,
                            (chunk, pair) -> coder.code(
                                    read(place, plan, chunk, raw, pair.get(0)),
                                    pair.get(pair.size() - 1),
                                    plan.content(chunk)),
                            (chunk, coded) -> {
                                if (seekable) {
                                    seekTable.add(coded.entry(), ZstdFrames.checksum(coded.stored()));
                                }
                                upload.write(coded.stored());
                                entries.add(coded.entry());
                                count(coded.entry(), progress);
                            });
            ByteBuffer trailer = seekable ? seekTable.toBytes() : ByteBuffer.allocate(0);
            ChunkTable table = new ChunkTable(entries, trailer.remaining(), Crc32c.of(trailer));
            sameAsStaged(place, table.rawCrc());
            if (trailer.hasRemaining()) {
                upload.write(trailer);
            }
            upload.commit(table.storedBytes(), table.storedCrc());
            return table;
        } catch (IOException failure) {
            throw new CheckpointException(
                    FailureKind.UNAVAILABLE,
                    place + ": not stored: " + Failures.reason(failure) + "; save the step again",
                    failure);
        }
    }

    private static ByteBuffer read(ShardPlace place, ChunkPlan plan, int chunk, ShardSource raw, ByteBuffer buffer) {
        try {
            buffer.clear().limit(plan.bytes(chunk));
            raw.read(plan.begin(chunk), buffer);
            return buffer.flip();
        } catch (IOException failure) {
            throw new CheckpointException(
                    FailureKind.UNAVAILABLE,
                    place + ", chunk " + chunk + ": what was staged cannot be read: " + Failures.reason(failure)
                            + "; stage and save the step again",
                    failure);
        }
    }

    private void count(ChunkEntry entry, Progress progress) {
        done = new Lengths(done.raw() + entry.rawBytes(), done.stored() + entry.storedBytes());
        progress.bytes(entry.rawBytes());
    }

    private static void sameAsStaged(ShardPlace place, Crc32c actual) {
        Crc32c expected = place.stored().rawCrc();
        if (!actual.equals(expected)) {
            throw CheckpointException.unavailable(place + ": written after staging: the sum of its bytes is " + actual
                    + ", expected " + expected + "; stage and save the step again");
        }
    }
}
