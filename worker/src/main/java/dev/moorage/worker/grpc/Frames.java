package dev.moorage.worker.grpc;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorldSize;
import dev.moorage.protocol.v1.AttachFrame;
import dev.moorage.protocol.v1.Format;
import dev.moorage.protocol.v1.Kind;
import dev.moorage.protocol.v1.LeaseRequest;
import dev.moorage.protocol.v1.StageRequest;
import dev.moorage.worker.core.Attachment;
import dev.moorage.worker.core.StageTerms;
import dev.moorage.worker.host.Loaded;
import java.util.Optional;

/** Wire to values and back. Whatever a rank sends wrong is INVALID, in words. */
final class Frames {
    private Frames() {}

    static Attachment attachment(AttachFrame frame) {
        return new Attachment(
                new JobName(frame.getJob()),
                new RunToken(frame.getRunToken()),
                new Rank(frame.getRank()),
                new WorldSize(frame.getWorldSize()),
                stated(frame.getReplicaGroup()),
                stated(frame.getCodec()).map(Codec::parse),
                stated(frame.getVerify()).map(VerifyDepth::parse),
                frame.getPid());
    }

    private static Optional<String> stated(String text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    static ShardKind kind(Kind kind) {
        return switch (kind) {
            case KIND_OWN -> ShardKind.OWN;
            case KIND_REPLICATED -> ShardKind.REPLICATED;
            default -> throw CheckpointException.invalid("kind must be KIND_OWN or KIND_REPLICATED");
        };
    }

    private static Kind toProto(ShardKind kind) {
        return switch (kind) {
            case OWN -> Kind.KIND_OWN;
            case REPLICATED -> Kind.KIND_REPLICATED;
        };
    }

    private static ShardFormat format(Format format) {
        return switch (format) {
            case FORMAT_SAFETENSORS -> ShardFormat.SAFETENSORS;
            case FORMAT_OPAQUE -> ShardFormat.OPAQUE;
            default -> throw CheckpointException.invalid("format must be FORMAT_SAFETENSORS or FORMAT_OPAQUE");
        };
    }

    private static Format toProto(ShardFormat format) {
        return switch (format) {
            case SAFETENSORS -> Format.FORMAT_SAFETENSORS;
            case OPAQUE -> Format.FORMAT_OPAQUE;
        };
    }

    /** An unsigned number of the wire; Java has none, and no machine that much memory. */
    static long bytes(long unsigned) {
        if (unsigned < 0) {
            throw CheckpointException.invalid(Long.toUnsignedString(unsigned) + " bytes are too many");
        }
        return unsigned;
    }

    static Step step(long unsigned) {
        if (unsigned < 0) {
            throw CheckpointException.invalid(
                    "step must be at most " + Long.MAX_VALUE + ", was " + Long.toUnsignedString(unsigned));
        }
        return new Step(unsigned);
    }

    static Optional<Step> step(LeaseRequest request) {
        return request.hasStep() ? Optional.of(step(request.getStep())) : Optional.empty();
    }

    static StageTerms terms(StageRequest request) {
        return new StageTerms(
                bytes(request.getBytes()),
                step(request.getStep()),
                kind(request.getKind()),
                format(request.getFormat()),
                request.getMetadataMap());
    }

    static dev.moorage.protocol.v1.Loaded loaded(Loaded loaded) {
        dev.moorage.protocol.v1.Loaded.Builder wire = dev.moorage.protocol.v1.Loaded.newBuilder()
                .setStep(loaded.source().step().value())
                .setAttempt(loaded.source().attempt().value())
                .putAllMetadata(loaded.metadata())
                .setPassedOver(loaded.passedOver());
        for (Loaded.LoadedShard shard : loaded.shards()) {
            wire.addShards(dev.moorage.protocol.v1.LoadedShard.newBuilder()
                    .setKind(toProto(shard.kind()))
                    .setFormat(toProto(shard.format()))
                    .setSegment(shard.segment().id().value())
                    .setPath(shard.segment().path().toString())
                    .setBytes(shard.segment().bytes())
                    .setCrc32C(shard.crc().value()));
        }
        return wire.build();
    }
}
