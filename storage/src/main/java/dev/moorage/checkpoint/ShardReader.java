package dev.moorage.checkpoint;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.record.Finding;
import dev.moorage.protocol.record.StoredShard;
import dev.moorage.storage.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/**
 * Reads stored shards and never hands out a byte whose chunk was not proved by both its sums. Chunks are fetched by ranged
 * reads in parallel lanes and go to the target as they come: its content counts only once the call has returned.
 *
 * <p>A chunk whose sum does not hold is read once more, as the way from the store may have failed; if it still does not
 * hold, it is CORRUPT. Each call writes one line to the audit log. May be used from any number of threads that are not lanes.
 */
public final class ShardReader {
    private final ObjectStore store;
    private final BufferPool buffers;
    private final Lanes lanes;
    private final boolean validates;

    /** A reader that shares buffers and lanes with others. */
    public ShardReader(ObjectStore store, BufferPool buffers, Lanes lanes) {
        this(store, buffers, lanes, true);
    }

    private ShardReader(ObjectStore store, BufferPool buffers, Lanes lanes, boolean validates) {
        this.validates = validates;
        this.store = requireNonNull(store);
        this.buffers = requireNonNull(buffers);
        this.lanes = requireNonNull(lanes);
    }

    /** A reader that compares no sums: for {@link VerifiedReads} alone, where a caller asked for it by name. */
    ShardReader withoutValidation() {
        return new ShardReader(store, buffers, lanes, false);
    }

    /**
     * Reads a whole shard, and proves every byte of the stored object: chunks, trailer and length.
     *
     * @param progress told of raw bytes that were handed out; may throw {@link CancellationException} to stop
     * @throws CheckpointException CORRUPT, naming rank, key, chunk, expected and actual, if anything is not as it was saved or
     *     the object is gone; UNAVAILABLE if the store or the target fails
     */
    public void readAll(
            AttemptId attempt, StoredShard shard, ShardDetail detail, ShardTarget target, Progress progress) {
        ShardPlace place = new ShardPlace(attempt, shard);
        audited("shard", place, shard.rawBytes(), () -> {
            try (ChunkReads chunks = new ChunkReads(store, place, detail, validates)) {
                if (validates) {
                    ChunkReads.proveLength(ChunkReads.stat(store, place), place, Optional.of(detail));
                    proveTrailer(chunks);
                }
                hand(place, chunks, new Range(0, shard.rawBytes()), target, progress);
            }
        });
    }

    /**
     * Reads only the chunks that hold the range.
     *
     * @param position first byte in the raw shard
     * @param length in bytes; the range lies within the shard
     * @param target its position 0 is the range's first byte
     * @throws CheckpointException INVALID for a range outside of the shard; else as {@link #readAll}
     */
    public void readRange(
            AttemptId attempt, StoredShard shard, ShardDetail detail, long position, long length, ShardTarget target) {
        read("range", new ShardPlace(attempt, shard), detail, new Range(position, length), target);
    }

    /**
     * Reads only the chunks that hold the tensor.
     *
     * @param tensor one of {@code detail}
     * @param target its position 0 is the tensor's first byte
     * @throws CheckpointException as {@link #readRange}
     */
    public void readTensor(
            AttemptId attempt, StoredShard shard, ShardDetail detail, TensorEntry tensor, ShardTarget target) {
        read(
                "tensor " + Text.quote(tensor.name()),
                new ShardPlace(attempt, shard),
                detail,
                new Range(tensor.begin(), tensor.bytes()),
                target);
    }

    /**
     * Looks at a shard and tells everything that does not hold, instead of throwing.
     *
     * @param detail needed for SAMPLE and FULL
     * @param seed chooses the chunks of a sample: the same seed, the same chunks
     * @param progress told of raw bytes whose chunks were looked at
     * @return CORRUPT findings, and INCOMPLETE ones where the store did not answer; empty if all holds
     */
    public List<Finding> verify(
            AttemptId attempt,
            StoredShard shard,
            Optional<ShardDetail> detail,
            VerifyDepth depth,
            long seed,
            Progress progress) {
        ShardPlace place = new ShardPlace(attempt, shard);
        return new ShardCheck(store, buffers, lanes, place).check(detail, depth, seed, progress);
    }

    /** Raw bytes of a shard. */
    private record Range(long position, long length) {}

    /** What reads and throws as it finds. */
    private interface Reading {
        void run() throws IOException;
    }

    private void read(String what, ShardPlace place, ShardDetail detail, Range range, ShardTarget target) {
        long rawBytes = place.stored().rawBytes();
        if (range.position() < 0 || range.length() < 0 || range.length() > rawBytes - range.position()) {
            throw CheckpointException.invalid(place + ": there are no " + range.length() + " bytes at "
                    + range.position() + "; it has " + rawBytes);
        }
        audited(what, place, range.length(), () -> {
            try (ChunkReads chunks = new ChunkReads(store, place, detail, validates)) {
                hand(place, chunks, range, target, Progress.NONE);
            }
        });
    }

    private void proveTrailer(ChunkReads chunks) throws IOException {
        List<ByteBuffer> buffer = buffers.acquire(1);
        try {
            chunks.proveTrailer(buffer.get(0));
        } finally {
            buffers.release(buffer);
        }
    }

    private void hand(ShardPlace place, ChunkReads chunks, Range range, ShardTarget target, Progress progress)
            throws IOException {
        if (range.length() == 0) {
            return;
        }
        long end = range.position() + range.length();
        int first = chunks.chunkAt(range.position());
        int count = chunks.chunkAt(end - 1) - first + 1;
        new ChunkRun(buffers, lanes, chunks.buffersPerChunk())
                .inOrder(
                        count,
                        n -> first + n,
                        (chunk, pair) -> {
                            ByteBuffer raw = chunks.raw(chunk, pair);
                            long begin = chunks.rawBegin(chunk);
                            raw.limit((int) Math.min(raw.limit(), end - begin));
                            raw.position((int) Math.max(0, range.position() - begin));
                            int bytes = raw.remaining();
                            write(place, target, begin + raw.position() - range.position(), raw);
                            return bytes;
                        },
                        (chunk, bytes) -> progress.bytes(bytes));
    }

    private static void write(ShardPlace place, ShardTarget target, long position, ByteBuffer bytes) {
        try {
            target.write(position, bytes);
        } catch (IOException failure) {
            throw new CheckpointException(
                    FailureKind.UNAVAILABLE,
                    place + ": what was read cannot be written: " + Failures.reason(failure),
                    failure);
        }
    }

    private void audited(String what, ShardPlace place, long bytes, Reading reading) {
        Audit audit = Audit.of(what, place, bytes);
        try {
            reading.run();
        } catch (IOException unanswered) {
            CheckpointException failure = place.unreadable(unanswered);
            audit.failed(failure);
            throw failure;
        } catch (CheckpointException | CancellationException failure) {
            audit.failed(failure);
            throw failure;
        }
        audit.good(
                Optional.of(place.stored().rawCrc()), Optional.of(place.stored().rawCrc()));
    }
}
