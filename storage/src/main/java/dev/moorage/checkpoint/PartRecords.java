package dev.moorage.checkpoint;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import dev.moorage.protocol.Attempt;
import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.Dtype;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.UploadId;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.record.PartHeader;
import dev.moorage.protocol.record.StoredShard;
import dev.moorage.protocol.v1.ChunkCodingRecord;
import dev.moorage.protocol.v1.ChunkRecord;
import dev.moorage.protocol.v1.ChunkTableRecord;
import dev.moorage.protocol.v1.PartHeaderRecord;
import dev.moorage.protocol.v1.ShardFormatRecord;
import dev.moorage.protocol.v1.ShardKindRecord;
import dev.moorage.protocol.v1.StoredShardRecord;
import dev.moorage.protocol.v1.TensorIndexRecord;
import dev.moorage.protocol.v1.TensorRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The protobuf messages of a part record, from values and to values; what does not hold is INVALID. */
final class PartRecords {
    private static final int TENSORS =
            TensorIndexRecord.TENSORS_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    private static final int CHUNKS = ChunkTableRecord.CHUNKS_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_LENGTH_DELIMITED;
    private static final int TRAILER_BYTES =
            ChunkTableRecord.TRAILER_BYTES_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_VARINT;
    private static final int TRAILER_CRC =
            ChunkTableRecord.TRAILER_CRC32C_FIELD_NUMBER << 3 | WireFormat.WIRETYPE_FIXED32;

    private PartRecords() {}

    /** Something that protobuf reads. */
    interface Parse<T> {
        T run() throws IOException;
    }

    static <T> T parsed(String what, Parse<T> parse) {
        try {
            return parse.run();
        } catch (IOException malformed) {
            throw new CheckpointException(
                    FailureKind.INVALID,
                    what + " is not the message it should be: " + malformed.getMessage(),
                    malformed);
        }
    }

    /** Without its shards. */
    static PartHeaderRecord.Builder header(PartHeader header) {
        return PartHeaderRecord.newBuilder()
                .setJob(header.attempt().job().value())
                .setStep(header.attempt().step().value())
                .setAttempt(header.attempt().attempt().value())
                .setRun(header.run().value())
                .setPart(header.part().value())
                .setWorker(header.worker().value())
                .setIncarnation(header.incarnation().value())
                .setNonce(header.nonce().value());
    }

    static PartHeader header(PartHeaderRecord record) {
        List<StoredShard> shards = new ArrayList<>();
        for (StoredShardRecord shard : record.getShardsList()) {
            StoredShard next = shard(shard);
            Bounds.holds(
                    shards.isEmpty() || shards.get(shards.size() - 1).shard().compareTo(next.shard()) < 0,
                    next.shard() + " is not after the shard before it");
            shards.add(next);
        }
        return new PartHeader(
                new AttemptId(
                        new JobName(record.getJob()), new Step(record.getStep()), new Attempt(record.getAttempt())),
                new RunNumber(record.getRun()),
                new PartNumber(record.getPart()),
                new WorkerId(record.getWorker()),
                new Incarnation(record.getIncarnation()),
                new Nonce(record.getNonce()),
                shards);
    }

    /** Without its sections. */
    static StoredShardRecord.Builder shard(StoredShard shard) {
        return StoredShardRecord.newBuilder()
                .setRank(shard.shard().rank().value())
                .setKind(
                        switch (shard.shard().kind()) {
                            case OWN -> ShardKindRecord.SHARD_KIND_OWN;
                            case REPLICATED -> ShardKindRecord.SHARD_KIND_REPLICATED;
                        })
                .setFormat(
                        switch (shard.format()) {
                            case SAFETENSORS -> ShardFormatRecord.SHARD_FORMAT_SAFETENSORS;
                            case OPAQUE -> ShardFormatRecord.SHARD_FORMAT_OPAQUE;
                        })
                .setUploadId(shard.uploadId().value())
                .setCodec(shard.codec().toString())
                .setRawBytes(shard.rawBytes())
                .setStoredBytes(shard.storedBytes())
                .setRawCrc32C(shard.rawCrc().value())
                .setStoredCrc32C(shard.storedCrc().value());
    }

    private static StoredShard shard(StoredShardRecord record) {
        ShardKind kind = switch (record.getKind()) {
            case SHARD_KIND_OWN -> ShardKind.OWN;
            case SHARD_KIND_REPLICATED -> ShardKind.REPLICATED;
            default -> throw unknown("kind of shard", record.getKindValue());
        };
        ShardFormat format = switch (record.getFormat()) {
            case SHARD_FORMAT_SAFETENSORS -> ShardFormat.SAFETENSORS;
            case SHARD_FORMAT_OPAQUE -> ShardFormat.OPAQUE;
            default -> throw unknown("format of a shard", record.getFormatValue());
        };
        return new StoredShard(
                new ShardId(new Rank(record.getRank()), kind),
                format,
                new UploadId(record.getUploadId()),
                Codec.parse(record.getCodec()),
                record.getRawBytes(),
                record.getStoredBytes(),
                new Crc32c(record.getRawCrc32C()),
                new Crc32c(record.getStoredCrc32C()));
    }

    static byte[] tensors(List<TensorEntry> tensors) {
        TensorIndexRecord.Builder index = TensorIndexRecord.newBuilder();
        for (TensorEntry tensor : tensors) {
            TensorRecord.Builder record = TensorRecord.newBuilder()
                    .setName(tensor.name())
                    .setDtype(tensor.dtype().name())
                    .addAllShape(tensor.shape())
                    .setBegin(tensor.begin())
                    .setBytes(tensor.bytes());
            tensor.slice()
                    .ifPresent(slice ->
                            record.addAllGlobalShape(slice.globalShape()).addAllGlobalOffset(slice.globalOffset()));
            index.addTensors(record);
        }
        return index.build().toByteArray();
    }

    /** Checks each message before it reads the next, so that a section of empty ones ends at its first. */
    static List<TensorEntry> tensors(ByteBuffer section) {
        List<TensorEntry> tensors = new ArrayList<>();
        parsed("the tensor index", () -> {
            CodedInputStream in = CodedInputStream.newInstance(section);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == TENSORS) {
                    tensors.add(tensor(TensorRecord.parseFrom(in.readByteArray())));
                } else {
                    skip(in, tag);
                }
            }
            return tensors;
        });
        return tensors;
    }

    private static TensorEntry tensor(TensorRecord record) {
        // A scalar that is a slice of a scalar has neither and is whole.
        boolean whole = record.getGlobalShapeCount() == 0 && record.getGlobalOffsetCount() == 0;
        return new TensorEntry(
                record.getName(),
                Dtype.named(record.getDtype())
                        .orElseThrow(() -> CheckpointException.invalid(
                                "unknown dtype " + Text.quote(record.getDtype()) + " of a tensor")),
                record.getShapeList(),
                record.getBegin(),
                record.getBytes(),
                whole
                        ? Optional.empty()
                        : Optional.of(
                                new TensorEntry.Slice(record.getGlobalShapeList(), record.getGlobalOffsetList())));
    }

    static byte[] table(ChunkTable table) {
        ChunkTableRecord.Builder record = ChunkTableRecord.newBuilder()
                .setTrailerBytes(table.trailerBytes())
                .setTrailerCrc32C(table.trailerCrc().value());
        for (ChunkEntry chunk : table.chunks()) {
            record.addChunks(ChunkRecord.newBuilder()
                    .setRawBytes(chunk.rawBytes())
                    .setStoredBytes(chunk.storedBytes())
                    .setRawCrc32C(chunk.rawCrc().value())
                    .setStoredCrc32C(chunk.storedCrc().value())
                    .setCoding(
                            switch (chunk.coding()) {
                                case RAW -> ChunkCodingRecord.CHUNK_CODING_RAW;
                                case ZSTD -> ChunkCodingRecord.CHUNK_CODING_ZSTD;
                                case PLANES -> ChunkCodingRecord.CHUNK_CODING_PLANES;
                            }));
        }
        return record.build().toByteArray();
    }

    /** Checks each message before it reads the next, so that a section of empty ones ends at its first. */
    static ChunkTable table(ByteBuffer section) {
        return parsed("the chunk table", () -> {
            List<ChunkEntry> chunks = new ArrayList<>();
            long trailerBytes = 0;
            Crc32c trailerCrc = Crc32c.EMPTY;
            CodedInputStream in = CodedInputStream.newInstance(section);
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                if (tag == CHUNKS) {
                    chunks.add(chunk(ChunkRecord.parseFrom(in.readByteArray())));
                } else if (tag == TRAILER_BYTES) {
                    trailerBytes = in.readUInt64();
                } else if (tag == TRAILER_CRC) {
                    trailerCrc = new Crc32c(in.readFixed32());
                } else {
                    skip(in, tag);
                }
            }
            Bounds.range("bytes of a trailer", trailerBytes, 0, Integer.MAX_VALUE);
            return new ChunkTable(chunks, (int) trailerBytes, trailerCrc);
        });
    }

    private static ChunkEntry chunk(ChunkRecord record) {
        ChunkEntry.Coding coding = switch (record.getCoding()) {
            case CHUNK_CODING_RAW -> ChunkEntry.Coding.RAW;
            case CHUNK_CODING_ZSTD -> ChunkEntry.Coding.ZSTD;
            case CHUNK_CODING_PLANES -> ChunkEntry.Coding.PLANES;
            default -> throw unknown("coding of a chunk", record.getCodingValue());
        };
        return new ChunkEntry(
                record.getRawBytes(),
                record.getStoredBytes(),
                new Crc32c(record.getRawCrc32C()),
                new Crc32c(record.getStoredCrc32C()),
                coding);
    }

    private static void skip(CodedInputStream in, int tag) throws IOException {
        // A stray end of a group is the only tag that cannot be skipped.
        Bounds.holds(in.skipField(tag), "a group ends that never began");
    }

    private static CheckpointException unknown(String what, int number) {
        return CheckpointException.invalid("unknown " + what + ": number " + number);
    }
}
