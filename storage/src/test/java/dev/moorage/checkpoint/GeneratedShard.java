package dev.moorage.checkpoint;

import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.record.PlannedShard;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A shard of any length whose bytes are a function of their position and are kept nowhere. */
final class GeneratedShard implements ShardSource {
    private static final int BLOCK = 1 << 20;

    private final long length;

    private GeneratedShard(long length) {
        this.length = length;
    }

    /** @param length a multiple of 1 MiB */
    static WrittenShard write(Shelf shelf, long length) {
        GeneratedShard source = new GeneratedShard(length);
        Crc32c sum = Crc32c.EMPTY;
        ByteBuffer block = ByteBuffer.allocate(BLOCK);
        for (long position = 0; position < length; position += BLOCK) {
            source.read(position, block.clear());
            sum = sum.followedBy(Crc32c.of(block.flip()), BLOCK);
        }
        return shelf.writer(Codec.zstd(1))
                .write(
                        Shelf.ATTEMPT,
                        new PlannedShard(ShardId.own(0), ShardFormat.OPAQUE, length, sum),
                        source,
                        Progress.NONE);
    }

    private static long at(long position) {
        return (position >>> 12) * 0x9E37_79B9_7F4A_7C15L;
    }

    @Override
    public long length() {
        return length;
    }

    @Override
    public void read(long position, ByteBuffer target) {
        for (long next = position; target.hasRemaining(); next += Long.BYTES) {
            target.putLong(at(next));
        }
    }

    @Override
    public void close() {}

    /** Takes only the bytes that were written. */
    static final class Comparing implements ShardTarget {
        @Override
        public void write(long position, ByteBuffer bytes) throws IOException {
            for (long next = position; bytes.hasRemaining(); next += Long.BYTES) {
                if (bytes.getLong() != at(next)) {
                    throw new IOException("other bytes at " + next);
                }
            }
        }
    }
}
