package dev.moorage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.Dtype;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.SaveSpec;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.UploadId;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.WorldSize;
import dev.moorage.protocol.record.Intent;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PartHeader;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.PlannedPart;
import dev.moorage.protocol.record.PlannedShard;
import dev.moorage.protocol.record.StoredShard;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.Size;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;

class RecordRoundTripTest {
    @Property(tries = 200)
    void intents_survive(
            @ForAll @IntRange(min = 1, max = 300) int ranks,
            @ForAll @Size(max = 5)
                    Map<
                                    @CharRange(to = '\ud7ff') @StringLength(max = 20) String,
                                    @CharRange(to = '\ud7ff') @StringLength(max = 50) String>
                            metadata,
            @ForAll @LongRange(min = 0) long rawBytes,
            @ForAll @IntRange(min = 1, max = 22) int level,
            @ForAll int crc) {
        List<PlannedPart> parts = new ArrayList<>();
        for (int rank = 0; rank < ranks; rank++) {
            PlannedShard shard =
                    new PlannedShard(ShardId.own(rank), ShardFormat.SAFETENSORS, rawBytes, new Crc32c(crc + rank));
            parts.add(new PlannedPart(new PartNumber(rank), List.of(shard)));
        }
        Intent intent = new Intent(
                Samples.ATTEMPT,
                new RunNumber(9),
                new SaveSpec(
                        new WorldSize(ranks),
                        Codec.zstd(level),
                        VerifyDepth.parse("sample:0.05"),
                        new TreeMap<>(metadata)),
                parts,
                new Epoch(1),
                Nonce.random(),
                rawBytes);
        assertThat(IntentJson.decode(Samples.ATTEMPT, IntentJson.encode(intent)))
                .isEqualTo(intent);
    }

    @Property(tries = 200)
    void manifests_survive(
            @ForAll @IntRange(min = 1, max = 1000) int ranks,
            @ForAll @IntRange(min = 1, max = 16) int perPart,
            @ForAll @CharRange(to = '\ud7ff') String reason) {
        List<PartRef> parts = new ArrayList<>();
        for (int first = 0; first < ranks; first += perPart) {
            int last = Math.min(ranks, first + perPart) - 1;
            parts.add(new PartRef(
                    new PartNumber(parts.size()),
                    1 + first,
                    new Crc32c(last),
                    new RankSet(List.of(new RankSet.Range(first, last))),
                    first == 0 ? RankSet.of(List.of(new Rank(0))) : RankSet.EMPTY));
        }
        SaveSpec spec = new SaveSpec(new WorldSize(ranks), Codec.NONE, VerifyDepth.NONE, new TreeMap<>());
        Manifest committed = new Manifest.Committed(
                Samples.ATTEMPT,
                new RunNumber(1),
                spec,
                parts,
                Long.MAX_VALUE,
                0,
                new Epoch(Long.MAX_VALUE),
                Nonce.random(),
                0);
        assertThat(ManifestJson.decode(Samples.ATTEMPT, ManifestJson.encode(committed)))
                .isEqualTo(committed);
        Manifest aborted = new Manifest.Aborted(Samples.ATTEMPT, reason, new Epoch(1), Nonce.random(), 1);
        assertThat(ManifestJson.decode(Samples.ATTEMPT, ManifestJson.encode(aborted)))
                .isEqualTo(aborted);
    }

    @Property(tries = 200)
    void part_records_survive(
            @ForAll @IntRange(min = 1, max = 20) int shards,
            @ForAll @IntRange(min = 0, max = 40) int chunks,
            @ForAll @CharRange(to = '\ud7ff') @StringLength(max = 100) String name,
            @ForAll long seed) {
        Random random = new Random(seed);
        List<StoredShard> stored = new ArrayList<>();
        List<ShardDetail> details = new ArrayList<>();
        for (int i = 0; i < shards; i++) {
            ShardDetail detail = detail(random, chunks, name);
            details.add(detail);
            stored.add(new StoredShard(
                    new ShardId(new Rank(i / 2), i % 2 == 0 ? ShardKind.OWN : ShardKind.REPLICATED),
                    random.nextBoolean() ? ShardFormat.OPAQUE : ShardFormat.SAFETENSORS,
                    UploadId.random(),
                    i % 3 == 0 ? Codec.AUTO : i % 3 == 1 ? Codec.PLANES : Codec.zstd(3),
                    detail.chunks().rawBytes(),
                    detail.chunks().storedBytes(),
                    detail.chunks().rawCrc(),
                    detail.chunks().storedCrc()));
        }
        PartNumber part = new PartNumber(random.nextInt(1_000_000));
        PartHeader header = new PartHeader(
                Samples.ATTEMPT,
                new RunNumber(2),
                part,
                new WorkerId("w"),
                Incarnation.random(),
                Nonce.random(),
                stored);
        PartRecord record = new PartRecord(header, details);
        assertThat(PartCodec.decode(Samples.ATTEMPT, part, PartCodec.encode(record)))
                .isEqualTo(record);
        assertThat(PartCodec.head(Samples.ATTEMPT, part, PartCodec.encode(record))
                        .header())
                .isEqualTo(header);
    }

    private static ShardDetail detail(Random random, int chunks, String name) {
        List<ChunkEntry> entries = new ArrayList<>();
        for (int i = 0; i < chunks; i++) {
            int raw = 1 + random.nextInt(ChunkEntry.RAW_BYTES_MAX);
            Crc32c crc = new Crc32c(random.nextInt());
            entries.add(
                    random.nextBoolean()
                            ? new ChunkEntry(raw, raw, crc, crc, ChunkEntry.Coding.RAW)
                            : new ChunkEntry(
                                    raw,
                                    1 + random.nextInt(ChunkEntry.STORED_BYTES_MAX),
                                    crc,
                                    new Crc32c(random.nextInt()),
                                    random.nextBoolean() ? ChunkEntry.Coding.ZSTD : ChunkEntry.Coding.PLANES));
        }
        int trailer = random.nextInt(3) * 1000;
        ChunkTable table = new ChunkTable(entries, trailer, trailer == 0 ? Crc32c.EMPTY : new Crc32c(random.nextInt()));
        long rows = table.rawBytes() / 4;
        var slice = new TensorEntry.Slice(List.of(rows + 5), List.of(5L));
        return new ShardDetail(
                List.of(
                        new TensorEntry(name, Dtype.F32, List.of(rows), 0, rows * 4, Optional.of(slice)),
                        new TensorEntry(name + "2", Dtype.U8, List.of(0L, 7L), 0, 0, Optional.empty())),
                table);
    }

    @Test
    void text_without_utf_8_is_refused_when_it_is_written() {
        Manifest aborted = new Manifest.Aborted(Samples.ATTEMPT, "half \ud800", new Epoch(1), Samples.nonce(1), 1);
        org.assertj.core.api.Assertions.assertThatThrownBy(() -> ManifestJson.encode(aborted))
                .isInstanceOf(dev.moorage.protocol.CheckpointException.class)
                .hasMessageContaining("cannot be written as JSON");
    }
}
