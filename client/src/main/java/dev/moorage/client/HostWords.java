package dev.moorage.client;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.v1.AttachFrame;
import dev.moorage.protocol.v1.Format;
import dev.moorage.protocol.v1.Kind;
import dev.moorage.protocol.v1.Loaded;
import java.nio.file.Path;

/** The words of the local service, to and from values. */
final class HostWords {
    private HostWords() {}

    static AttachFrame frame(Attachment who) {
        AttachFrame.Builder frame = AttachFrame.newBuilder()
                .setJob(who.job().value())
                .setRunToken(who.run().value())
                .setRank(who.rank().value())
                .setWorldSize(who.worldSize().value())
                .setPid(ProcessHandle.current().pid());
        who.replicaGroup().ifPresent(frame::setReplicaGroup);
        who.codec().ifPresent(codec -> frame.setCodec(codec.toString()));
        who.depth().ifPresent(depth -> frame.setVerify(depth.toString()));
        return frame.build();
    }

    static Kind kind(ShardKind kind) {
        return switch (kind) {
            case OWN -> Kind.KIND_OWN;
            case REPLICATED -> Kind.KIND_REPLICATED;
        };
    }

    static Format format(ShardFormat format) {
        return switch (format) {
            case SAFETENSORS -> Format.FORMAT_SAFETENSORS;
            case OPAQUE -> Format.FORMAT_OPAQUE;
        };
    }

    static LoadedState loaded(Loaded loaded) {
        return new LoadedState(
                new Step(loaded.getStep()),
                loaded.getAttempt(),
                loaded.getShardsList().stream().map(HostWords::shard).toList(),
                loaded.getMetadataMap(),
                loaded.getPassedOver());
    }

    private static LoadedState.LoadedShard shard(dev.moorage.protocol.v1.LoadedShard shard) {
        ShardKind kind = switch (shard.getKind()) {
            case KIND_OWN -> ShardKind.OWN;
            case KIND_REPLICATED -> ShardKind.REPLICATED;
            default ->
                throw CheckpointException.invalid("the worker named a kind of shard unknown here: "
                        + shard.getKindValue() + "; use a client of the worker's version");
        };
        ShardFormat format = switch (shard.getFormat()) {
            case FORMAT_SAFETENSORS -> ShardFormat.SAFETENSORS;
            case FORMAT_OPAQUE -> ShardFormat.OPAQUE;
            default ->
                throw CheckpointException.invalid("the worker named a shard format unknown here: "
                        + shard.getFormatValue() + "; use a client of the worker's version");
        };
        return new LoadedState.LoadedShard(
                kind,
                format,
                new Segment(shard.getSegment(), Path.of(shard.getPath()), shard.getBytes()),
                shard.getBytes(),
                new Crc32c(shard.getCrc32C()));
    }
}
