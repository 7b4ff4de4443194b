package dev.moorage.protocol.cluster;

import dev.moorage.protocol.Attempt;
import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.SaveSpec;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.record.Finding;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.PlannedShard;
import dev.moorage.protocol.v1.ShardFormatRecord;
import dev.moorage.protocol.v1.ShardKindRecord;
import dev.moorage.protocol.v1.cluster.AttemptWire;
import dev.moorage.protocol.v1.cluster.FindingWire;
import dev.moorage.protocol.v1.cluster.PartRefWire;
import dev.moorage.protocol.v1.cluster.PlannedShardWire;
import dev.moorage.protocol.v1.cluster.SenderWire;
import dev.moorage.protocol.v1.cluster.ShardWire;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;

/** Values that several messages share: {@code wire} puts one on the wire, {@code value} checks and rebuilds it. */
final class WireValues {
    private WireValues() {}

    static SenderWire sender(WorkerId worker, Incarnation incarnation) {
        return SenderWire.newBuilder()
                .setWorker(worker.value())
                .setIncarnation(incarnation.value())
                .build();
    }

    static WorkerId worker(SenderWire sender) {
        return new WorkerId(sender.getWorker());
    }

    static Incarnation incarnation(SenderWire sender) {
        return new Incarnation(sender.getIncarnation());
    }

    static AttemptWire wire(AttemptId attempt) {
        return AttemptWire.newBuilder()
                .setJob(attempt.job().value())
                .setStep(attempt.step().value())
                .setAttempt(attempt.attempt().value())
                .build();
    }

    static AttemptId value(AttemptWire wire) {
        return new AttemptId(new JobName(wire.getJob()), new Step(wire.getStep()), new Attempt(wire.getAttempt()));
    }

    static ShardWire wire(ShardId shard) {
        return ShardWire.newBuilder()
                .setRank(shard.rank().value())
                .setKind(wire(shard.kind()))
                .build();
    }

    static ShardId value(ShardWire wire) {
        return new ShardId(new Rank(wire.getRank()), value(wire.getKind()));
    }

    static ShardKindRecord wire(ShardKind kind) {
        return switch (kind) {
            case OWN -> ShardKindRecord.SHARD_KIND_OWN;
            case REPLICATED -> ShardKindRecord.SHARD_KIND_REPLICATED;
        };
    }

    static ShardKind value(ShardKindRecord wire) {
        return switch (wire) {
            case SHARD_KIND_OWN -> ShardKind.OWN;
            case SHARD_KIND_REPLICATED -> ShardKind.REPLICATED;
            case SHARD_KIND_UNSPECIFIED, UNRECOGNIZED -> throw unknown("kind of shard");
        };
    }

    static ShardFormatRecord wire(ShardFormat format) {
        return switch (format) {
            case SAFETENSORS -> ShardFormatRecord.SHARD_FORMAT_SAFETENSORS;
            case OPAQUE -> ShardFormatRecord.SHARD_FORMAT_OPAQUE;
        };
    }

    static ShardFormat value(ShardFormatRecord wire) {
        return switch (wire) {
            case SHARD_FORMAT_SAFETENSORS -> ShardFormat.SAFETENSORS;
            case SHARD_FORMAT_OPAQUE -> ShardFormat.OPAQUE;
            case SHARD_FORMAT_UNSPECIFIED, UNRECOGNIZED -> throw unknown("format of shard");
        };
    }

    static PlannedShardWire wire(PlannedShard shard) {
        return PlannedShardWire.newBuilder()
                .setShard(wire(shard.shard()))
                .setFormat(wire(shard.format()))
                .setRawBytes(shard.rawBytes())
                .setRawCrc32C(shard.rawCrc().value())
                .build();
    }

    static PlannedShard value(PlannedShardWire wire) {
        return new PlannedShard(
                value(wire.getShard()), value(wire.getFormat()), wire.getRawBytes(), new Crc32c(wire.getRawCrc32C()));
    }

    static PartRefWire wire(PartRef part) {
        return PartRefWire.newBuilder()
                .setPart(part.part().value())
                .setBytes(part.bytes())
                .setCrc32C(part.crc().value())
                .setOwn(part.own().toString())
                .setReplicated(part.replicated().toString())
                .build();
    }

    /** @param present whether the message had one: an absent one looks like an empty part 0 */
    static PartRef value(PartRefWire wire, boolean present) {
        if (!present) {
            throw CheckpointException.invalid("no part is named");
        }
        return new PartRef(
                new PartNumber(wire.getPart()),
                wire.getBytes(),
                new Crc32c(wire.getCrc32C()),
                RankSet.parse(wire.getOwn()),
                RankSet.parse(wire.getReplicated()));
    }

    static List<FindingWire> wire(List<Finding> findings) {
        return Texts.cut(findings).stream()
                .map(finding -> {
                    FindingWire.Builder wire = FindingWire.newBuilder()
                            .setShard(wire(finding.shard()))
                            .setResult(finding.result().name())
                            .setMessage(Texts.cutFinding(finding.message()));
                    finding.chunk().ifPresent(wire::setChunk);
                    return wire.build();
                })
                .toList();
    }

    static List<Finding> value(List<FindingWire> findings) {
        return findings.stream()
                .map(wire -> new Finding(
                        value(wire.getShard()),
                        result(wire.getResult()),
                        wire.hasChunk() ? OptionalInt.of(wire.getChunk()) : OptionalInt.empty(),
                        wire.getMessage()))
                .toList();
    }

    /** An absent value is empty text. Only for values that are never empty text themselves. */
    static String orEmpty(Optional<?> value) {
        return value.map(Object::toString).orElse("");
    }

    static Optional<Codec> codec(String wire) {
        return wire.isEmpty() ? Optional.empty() : Optional.of(Codec.parse(wire));
    }

    static Optional<VerifyDepth> depth(String wire) {
        return wire.isEmpty() ? Optional.empty() : Optional.of(VerifyDepth.parse(wire));
    }

    static VerdictResult result(String wire) {
        return named("result of a verification", VerdictResult.values(), wire);
    }

    static Optional<FailureKind> failure(String wire) {
        return wire.isEmpty() ? Optional.empty() : Optional.of(named("failure", FailureKind.values(), wire));
    }

    static <E extends Enum<E>> E named(String what, E[] values, String name) {
        return Stream.of(values)
                .filter(value -> value.name().equals(name))
                .findFirst()
                .orElseThrow(() -> unknown(what));
    }

    static Map<String, String> metadata(Map<String, String> metadata) {
        SaveSpec.metadata(metadata);
        return metadata;
    }

    static int count(String what, int value) {
        return (int) count(what, (long) value);
    }

    static long count(String what, long value) {
        if (value < 0) {
            throw CheckpointException.invalid(what + " must not be negative, was " + value);
        }
        return value;
    }

    private static CheckpointException unknown(String what) {
        return CheckpointException.invalid("unknown " + what + "; all daemons must run one version");
    }
}
