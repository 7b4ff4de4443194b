package dev.moorage.checkpoint;

import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.record.StoredShard;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** A shard whose record states the sums of stored bytes that were changed: damage that only decoding can find. */
final class Forged {
    private Forged() {}

    static WrittenShard withSumsOf(WrittenShard shard, byte[] content) {
        List<ChunkEntry> chunks = new ArrayList<>();
        int at = 0;
        for (ChunkEntry chunk : shard.detail().chunks().chunks()) {
            Crc32c sum = Crc32c.of(ByteBuffer.wrap(content, at, chunk.storedBytes()));
            chunks.add(new ChunkEntry(chunk.rawBytes(), chunk.storedBytes(), chunk.rawCrc(), sum, chunk.coding()));
            at += chunk.storedBytes();
        }
        ChunkTable table = new ChunkTable(
                chunks,
                shard.detail().chunks().trailerBytes(),
                shard.detail().chunks().trailerCrc());
        StoredShard stored = shard.stored();
        return new WrittenShard(
                new StoredShard(
                        stored.shard(),
                        stored.format(),
                        stored.uploadId(),
                        stored.codec(),
                        stored.rawBytes(),
                        stored.storedBytes(),
                        stored.rawCrc(),
                        table.storedCrc()),
                new ShardDetail(shard.detail().tensors(), table));
    }
}
