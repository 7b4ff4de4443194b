package dev.moorage.checkpoint;

import static dev.moorage.checkpoint.Shelf.ATTEMPT;

import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.SaveSpec;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.WorldSize;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PartHeader;
import dev.moorage.protocol.record.PartRef;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** A committed checkpoint on a shelf's store: one part and one shard for each rank. */
record SavedCheckpoint(Manifest.Committed manifest, List<byte[]> raw, List<WrittenShard> shards) {
    private static final Duration DEADLINE = Duration.ofSeconds(10);

    static SavedCheckpoint of(Shelf shelf, List<byte[]> raw) {
        return of(shelf, ShardFormat.OPAQUE, raw);
    }

    static SavedCheckpoint of(Shelf shelf, ShardFormat format, List<byte[]> raw) {
        SaveSpec spec = new SaveSpec(new WorldSize(raw.size()), Codec.zstd(3), VerifyDepth.NONE, new TreeMap<>());
        ManifestLog log = new ManifestLog(shelf.store, () -> 0);
        List<WrittenShard> shards = new ArrayList<>();
        List<PartRef> parts = new ArrayList<>();
        for (int rank = 0; rank < raw.size(); rank++) {
            shards.add(shelf.writer(Codec.zstd(1))
                    .write(
                            ATTEMPT,
                            Shelf.planned(rank, format, raw.get(rank)),
                            new MemorySource(ByteBuffer.wrap(raw.get(rank))),
                            Progress.NONE));
            parts.add(writePart(log, rank, shards.get(rank)));
        }
        Manifest.Committed manifest = new Manifest.Committed(
                ATTEMPT,
                new RunNumber(1),
                spec,
                parts,
                shards.stream().mapToLong(shard -> shard.stored().rawBytes()).sum(),
                shards.stream().mapToLong(shard -> shard.stored().storedBytes()).sum(),
                new Epoch(1),
                Nonce.random(),
                0);
        return new SavedCheckpoint((Manifest.Committed) log.close(manifest, DEADLINE), raw, shards);
    }

    private static PartRef writePart(ManifestLog log, int rank, WrittenShard shard) {
        PartHeader header = new PartHeader(
                ATTEMPT,
                new RunNumber(1),
                new PartNumber(rank),
                new WorkerId("host-" + rank),
                Incarnation.random(),
                Nonce.random(),
                List.of(shard.stored()));
        ManifestLog.PartWrite written = log.writePart(new PartRecord(header, List.of(shard.detail())), DEADLINE);
        return ((ManifestLog.PartWrite.Won) written).ref();
    }
}
