package dev.moorage.checkpoint;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.record.PartHeader;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.StoredShard;
import dev.moorage.protocol.v1.PartHeaderRecord;
import dev.moorage.protocol.v1.SectionRecord;
import dev.moorage.protocol.v1.StoredShardRecord;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The bytes of a part record: a fixed preamble, the header, then for each shard its tensor index and its chunk table. The
 * preamble has the header's length and sum, the header those of all sections, and together they tile the object.
 */
final class PartCodec {
    /** The longest part record: what one create can take. */
    static final int BYTES_MAX = 64 << 20;

    /** The longest header. */
    static final int HEADER_BYTES_MAX = 2 << 20;

    private static final byte[] MAGIC = "MOORPART".getBytes(StandardCharsets.US_ASCII);
    private static final int VERSION = 1;
    private static final int PREAMBLE_BYTES = MAGIC.length + 3 * Integer.BYTES;

    private PartCodec() {}

    /** INVALID if the record is longer than {@link #BYTES_MAX}, or its header than {@link #HEADER_BYTES_MAX}. */
    static ByteBuffer encode(PartRecord record) {
        PartHeaderRecord.Builder header = PartRecords.header(record.header());
        List<byte[]> sections = new ArrayList<>();
        long bytes = PREAMBLE_BYTES;
        for (int i = 0; i < record.details().size(); i++) {
            ShardDetail detail = record.details().get(i);
            byte[] tensorIndex = PartRecords.tensors(detail.tensors());
            byte[] chunkTable = PartRecords.table(detail.chunks());
            header.addShards(PartRecords.shard(record.header().shards().get(i))
                    .setTensorIndex(section(tensorIndex))
                    .setChunkTable(section(chunkTable)));
            sections.add(tensorIndex);
            sections.add(chunkTable);
            bytes += (long) tensorIndex.length + chunkTable.length;
        }
        byte[] head = header.build().toByteArray();
        Bounds.range("bytes of a part record's header", head.length, 0, HEADER_BYTES_MAX);
        Bounds.range("bytes of a part record", bytes + head.length, 0, BYTES_MAX);
        ByteBuffer object = ByteBuffer.allocate((int) bytes + head.length).order(ByteOrder.LITTLE_ENDIAN);
        object.put(MAGIC).putInt(VERSION).putInt(head.length);
        object.putInt(Crc32c.of(ByteBuffer.wrap(head)).value()).put(head);
        sections.forEach(object::put);
        return object.flip();
    }

    private static SectionRecord section(byte[] bytes) {
        return SectionRecord.newBuilder()
                .setBytes(bytes.length)
                .setCrc32C(Crc32c.of(ByteBuffer.wrap(bytes)).value())
                .build();
    }

    /** The head alone; all sums are checked all the same, the sections are not looked into. */
    static PartHead head(AttemptId attempt, PartNumber part, ByteBuffer object) {
        return Fields.corruptUnless(Layout.part(attempt, part), () -> {
            PartHeaderRecord record = header(object);
            sections(record, object);
            return head(attempt, part, record, object);
        });
    }

    /** Everything. */
    static PartRecord decode(AttemptId attempt, PartNumber part, ByteBuffer object) {
        return Fields.corruptUnless(Layout.part(attempt, part), () -> {
            PartHeaderRecord record = header(object);
            List<ByteBuffer> sections = sections(record, object);
            PartHeader header = head(attempt, part, record, object).header();
            List<ShardDetail> details = new ArrayList<>();
            for (int i = 0; i < sections.size(); i += 2) {
                details.add(detail(header.shards().get(i / 2), sections.get(i), sections.get(i + 1)));
            }
            return new PartRecord(header, details);
        });
    }

    private static PartHeaderRecord header(ByteBuffer object) {
        int begin = object.position();
        Bounds.range("bytes of a part record", object.remaining(), PREAMBLE_BYTES, BYTES_MAX);
        ByteBuffer preamble = object.slice(begin, PREAMBLE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        byte[] magic = new byte[MAGIC.length];
        preamble.get(magic);
        Bounds.holds(Arrays.equals(magic, MAGIC), "does not begin as a part record");
        int version = preamble.getInt();
        Bounds.holds(version == VERSION, "version " + Integer.toUnsignedString(version) + " is not known here");
        int bytes = preamble.getInt();
        int room = Math.min(HEADER_BYTES_MAX, object.remaining() - PREAMBLE_BYTES);
        Bounds.range("bytes of the header", bytes, 0, room);
        ByteBuffer header = object.slice(begin + PREAMBLE_BYTES, bytes);
        sum("the header", new Crc32c(preamble.getInt()), header);
        return PartRecords.parsed("the header", () -> PartHeaderRecord.parseFrom(header));
    }

    /** The sections in their order, each with the length and sum that the header states; they end where the object ends. */
    private static List<ByteBuffer> sections(PartHeaderRecord header, ByteBuffer object) {
        ByteBuffer preamble = object.slice(object.position(), PREAMBLE_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        int begin = PREAMBLE_BYTES + preamble.getInt(MAGIC.length + Integer.BYTES);
        List<ByteBuffer> sections = new ArrayList<>();
        for (StoredShardRecord shard : header.getShardsList()) {
            for (SectionRecord section : List.of(shard.getTensorIndex(), shard.getChunkTable())) {
                String what = "section " + sections.size();
                Bounds.range("bytes of " + what, section.getBytes(), 0, object.remaining() - begin);
                ByteBuffer bytes = object.slice(object.position() + begin, (int) section.getBytes());
                sum(what, new Crc32c(section.getCrc32C()), bytes);
                sections.add(bytes);
                begin += (int) section.getBytes();
            }
        }
        Bounds.holds(
                begin == object.remaining(),
                "the sections end at " + begin + ", but the object has " + object.remaining() + " bytes");
        return sections;
    }

    private static PartHead head(AttemptId attempt, PartNumber part, PartHeaderRecord record, ByteBuffer object) {
        PartHeader header = PartRecords.header(record);
        RecordJson.belongs("part record", attempt + " part " + part, header.attempt() + " part " + header.part());
        long rawBytes = 0;
        long storedBytes = 0;
        for (StoredShard shard : header.shards()) {
            rawBytes += shard.rawBytes();
            storedBytes += shard.storedBytes();
            Bounds.holds(rawBytes >= 0 && storedBytes >= 0, "the sizes of the shards add up to more than 2^63-1");
        }
        PartRef ref = new PartRef(
                part,
                object.remaining(),
                Crc32c.of(object),
                ranks(header, ShardKind.OWN),
                ranks(header, ShardKind.REPLICATED));
        return new PartHead(header, ref, rawBytes, storedBytes);
    }

    private static RankSet ranks(PartHeader header, ShardKind kind) {
        List<Rank> ranks = new ArrayList<>();
        for (StoredShard shard : header.shards()) {
            if (shard.shard().kind() == kind) {
                ranks.add(shard.shard().rank());
            }
        }
        return RankSet.of(ranks);
    }

    private static void sum(String what, Crc32c stated, ByteBuffer bytes) {
        Crc32c actual = Crc32c.of(bytes);
        Bounds.holds(
                actual.equals(stated), "the sum of " + what + " does not hold: expected " + stated + ", was " + actual);
    }

    private static ShardDetail detail(StoredShard shard, ByteBuffer tensorIndex, ByteBuffer chunkTable) {
        try {
            return new ShardDetail(PartRecords.tensors(tensorIndex), PartRecords.table(chunkTable));
        } catch (CheckpointException wrong) {
            throw new CheckpointException(FailureKind.INVALID, shard.shard() + ": " + wrong.getMessage(), wrong);
        }
    }
}
