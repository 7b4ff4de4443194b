package dev.moorage.worker.staging;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorldSize;
import dev.moorage.protocol.v1.Format;
import dev.moorage.protocol.v1.Kind;
import dev.moorage.protocol.v1.StagedSidecar;
import dev.moorage.worker.core.SegmentId;
import dev.moorage.worker.core.StageTerms;
import dev.moorage.worker.core.StagedRecord;
import java.nio.ByteBuffer;
import java.util.Optional;

/** The bytes of a sidecar: a CRC32C, then the message. */
final class Sidecar {
    static final int BYTES_MAX = 1024 * 1024;

    private Sidecar() {}

    static ByteBuffer encode(StagedRecord record) {
        StageTerms terms = record.terms();
        byte[] message = StagedSidecar.newBuilder()
                .setSegment(record.segment().value())
                .setJob(record.job().value())
                .setRun(record.run().value())
                .setRank(record.rank().value())
                .setWorldSize(record.worldSize().value())
                .setReplicaGroup(record.group().orElse(""))
                .setCodec(record.codec().map(Codec::toString).orElse(""))
                .setVerify(record.depth().map(VerifyDepth::toString).orElse(""))
                .setStep(terms.step().value())
                .setKind(terms.kind() == ShardKind.OWN ? Kind.KIND_OWN : Kind.KIND_REPLICATED)
                .setFormat(terms.format() == ShardFormat.SAFETENSORS ? Format.FORMAT_SAFETENSORS : Format.FORMAT_OPAQUE)
                .setBytes(terms.bytes())
                .setCrc32C(record.crc().value())
                .putAllMetadata(terms.metadata())
                .build()
                .toByteArray();
        Crc32c sum = Crc32c.of(ByteBuffer.wrap(message));
        return ByteBuffer.allocate(4 + message.length)
                .putInt(sum.value())
                .put(message)
                .flip();
    }

    /** @throws CheckpointException CORRUPT or INVALID if it is not what was written */
    static StagedRecord decode(ByteBuffer bytes) {
        if (bytes.remaining() < 4) {
            throw CheckpointException.corrupt("a sidecar of " + bytes.remaining() + " bytes");
        }
        Crc32c expected = new Crc32c(bytes.getInt());
        Crc32c actual = Crc32c.of(bytes);
        if (!actual.equals(expected)) {
            throw CheckpointException.corrupt("its CRC32C is " + actual + ", expected " + expected);
        }
        try {
            return record(StagedSidecar.parseFrom(bytes));
        } catch (InvalidProtocolBufferException broken) {
            throw CheckpointException.corrupt("it is not a sidecar: " + broken.getMessage());
        }
    }

    private static StagedRecord record(StagedSidecar sidecar) {
        StageTerms terms = new StageTerms(
                sidecar.getBytes(),
                new Step(sidecar.getStep()),
                sidecar.getKind() == Kind.KIND_REPLICATED ? ShardKind.REPLICATED : ShardKind.OWN,
                sidecar.getFormat() == Format.FORMAT_OPAQUE ? ShardFormat.OPAQUE : ShardFormat.SAFETENSORS,
                sidecar.getMetadataMap());
        return new StagedRecord(
                new SegmentId(sidecar.getSegment()),
                new JobName(sidecar.getJob()),
                new RunNumber(sidecar.getRun()),
                new Rank(sidecar.getRank()),
                new WorldSize(sidecar.getWorldSize()),
                stated(sidecar.getReplicaGroup()),
                stated(sidecar.getCodec()).map(Codec::parse),
                stated(sidecar.getVerify()).map(VerifyDepth::parse),
                terms,
                new Crc32c(sidecar.getCrc32C()));
    }

    private static Optional<String> stated(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }
}
