package dev.moorage.protocol.cluster;

import static dev.moorage.protocol.cluster.WireValues.count;
import static dev.moorage.protocol.cluster.WireValues.failure;
import static dev.moorage.protocol.cluster.WireValues.incarnation;
import static dev.moorage.protocol.cluster.WireValues.metadata;
import static dev.moorage.protocol.cluster.WireValues.orEmpty;
import static dev.moorage.protocol.cluster.WireValues.result;
import static dev.moorage.protocol.cluster.WireValues.sender;
import static dev.moorage.protocol.cluster.WireValues.value;
import static dev.moorage.protocol.cluster.WireValues.wire;
import static dev.moorage.protocol.cluster.WireValues.worker;

import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.WorldSize;
import dev.moorage.protocol.cluster.FrameTable.Row;
import dev.moorage.protocol.cluster.ToCoordinator.ChallengeAnswered;
import dev.moorage.protocol.cluster.ToCoordinator.LoadAsked;
import dev.moorage.protocol.cluster.ToCoordinator.LoadPrepared;
import dev.moorage.protocol.cluster.ToCoordinator.OpenRun;
import dev.moorage.protocol.cluster.ToCoordinator.PartDone;
import dev.moorage.protocol.cluster.ToCoordinator.PartFailed;
import dev.moorage.protocol.cluster.ToCoordinator.RankStaged;
import dev.moorage.protocol.cluster.ToCoordinator.Register;
import dev.moorage.protocol.cluster.ToCoordinator.ShardsChecked;
import dev.moorage.protocol.cluster.ToCoordinator.StagedShard;
import dev.moorage.protocol.cluster.ToCoordinator.StagingSkipped;
import dev.moorage.protocol.v1.cluster.ChallengeAnsweredWire;
import dev.moorage.protocol.v1.cluster.Frame;
import dev.moorage.protocol.v1.cluster.Frame.MessageCase;
import dev.moorage.protocol.v1.cluster.LoadAskedWire;
import dev.moorage.protocol.v1.cluster.LoadPreparedWire;
import dev.moorage.protocol.v1.cluster.OpenRunWire;
import dev.moorage.protocol.v1.cluster.PartDoneWire;
import dev.moorage.protocol.v1.cluster.PartFailedWire;
import dev.moorage.protocol.v1.cluster.RankStagedWire;
import dev.moorage.protocol.v1.cluster.RegisterWire;
import dev.moorage.protocol.v1.cluster.ShardsCheckedWire;
import dev.moorage.protocol.v1.cluster.StagedShardWire;
import dev.moorage.protocol.v1.cluster.StagingSkippedWire;
import java.util.List;
import java.util.Optional;

/** What workers tell a coordinator, on the wire; {@link ProgressRows} and {@link QuestionRows} have the rest. */
final class ToCoordinatorRows {
    private final ActorRefs refs;

    ToCoordinatorRows(ActorRefs refs) {
        this.refs = refs;
    }

    List<Row<?>> rows() {
        return List.of(
                new Row<>(Register.class, MessageCase.REGISTER, this::put, f -> take(f.getRegister())),
                new Row<>(
                        ChallengeAnswered.class,
                        MessageCase.CHALLENGE_ANSWERED,
                        ToCoordinatorRows::put,
                        f -> take(f.getChallengeAnswered())),
                new Row<>(OpenRun.class, MessageCase.OPEN_RUN, ToCoordinatorRows::put, f -> take(f.getOpenRun())),
                new Row<>(
                        RankStaged.class,
                        MessageCase.RANK_STAGED,
                        ToCoordinatorRows::put,
                        f -> take(f.getRankStaged())),
                new Row<>(
                        StagingSkipped.class,
                        MessageCase.STAGING_SKIPPED,
                        ToCoordinatorRows::put,
                        f -> take(f.getStagingSkipped())),
                new Row<>(PartDone.class, MessageCase.PART_DONE, ToCoordinatorRows::put, f -> take(f.getPartDone())),
                new Row<>(
                        PartFailed.class,
                        MessageCase.PART_FAILED,
                        ToCoordinatorRows::put,
                        f -> take(f.getPartFailed())),
                new Row<>(
                        ShardsChecked.class,
                        MessageCase.SHARDS_CHECKED,
                        ToCoordinatorRows::put,
                        f -> take(f.getShardsChecked())),
                new Row<>(LoadAsked.class, MessageCase.LOAD_ASKED, ToCoordinatorRows::put, f -> take(f.getLoadAsked())),
                new Row<>(
                        LoadPrepared.class,
                        MessageCase.LOAD_PREPARED,
                        ToCoordinatorRows::put,
                        f -> take(f.getLoadPrepared())));
    }

    private void put(Frame.Builder frame, Register message) {
        frame.setRegister(RegisterWire.newBuilder()
                .setJob(message.job().value())
                .setSender(sender(message.worker(), message.incarnation()))
                .setHost(message.host())
                .setRun(message.run().map(RunNumber::value).orElse(0L))
                .setReplyTo(refs.wire(message.replyTo())));
    }

    private Register take(RegisterWire wire) {
        return new Register(
                new JobName(wire.getJob()),
                worker(wire.getSender()),
                incarnation(wire.getSender()),
                wire.getHost(),
                wire.getRun() == 0 ? Optional.empty() : Optional.of(new RunNumber(wire.getRun())),
                refs.value(wire.getReplyTo()));
    }

    private static void put(Frame.Builder frame, ChallengeAnswered message) {
        frame.setChallengeAnswered(ChallengeAnsweredWire.newBuilder()
                .setJob(message.job().value())
                .setSender(sender(message.worker(), message.incarnation()))
                .setChallenge(message.challenge()));
    }

    private static ChallengeAnswered take(ChallengeAnsweredWire wire) {
        return new ChallengeAnswered(
                new JobName(wire.getJob()),
                worker(wire.getSender()),
                incarnation(wire.getSender()),
                wire.getChallenge());
    }

    private static void put(Frame.Builder frame, OpenRun message) {
        frame.setOpenRun(OpenRunWire.newBuilder()
                .setJob(message.job().value())
                .setSender(sender(message.worker(), message.incarnation()))
                .setToken(message.token().value())
                .setWorldSize(message.worldSize().value()));
    }

    private static OpenRun take(OpenRunWire wire) {
        return new OpenRun(
                new JobName(wire.getJob()),
                worker(wire.getSender()),
                incarnation(wire.getSender()),
                new RunToken(wire.getToken()),
                new WorldSize(wire.getWorldSize()));
    }

    private static void put(Frame.Builder frame, RankStaged message) {
        RankStagedWire.Builder wire = RankStagedWire.newBuilder()
                .setJob(message.job().value())
                .setSender(sender(message.worker(), message.incarnation()))
                .setRun(message.run().value())
                .setStep(message.step().value())
                .setRank(message.rank().value())
                .setCodec(orEmpty(message.codec()))
                .setDepth(orEmpty(message.depth()))
                .putAllMetadata(metadata(message.metadata()));
        message.shards().forEach(shard -> wire.addShards(staged(shard)));
        frame.setRankStaged(wire);
    }

    private static RankStaged take(RankStagedWire wire) {
        return new RankStaged(
                new JobName(wire.getJob()),
                new RunNumber(wire.getRun()),
                new Step(wire.getStep()),
                worker(wire.getSender()),
                incarnation(wire.getSender()),
                new Rank(wire.getRank()),
                WireValues.codec(wire.getCodec()),
                WireValues.depth(wire.getDepth()),
                metadata(wire.getMetadataMap()),
                wire.getShardsList().stream().map(shard -> staged(shard)).toList());
    }

    private static StagedShardWire staged(StagedShard shard) {
        StagedShardWire.Builder wire = StagedShardWire.newBuilder()
                .setKind(wire(shard.kind()))
                .setFormat(wire(shard.format()))
                .setBytes(shard.bytes())
                .setCrc32C(shard.crc().value());
        shard.group().ifPresent(wire::setGroup);
        return wire.build();
    }

    private static StagedShard staged(StagedShardWire wire) {
        return new StagedShard(
                value(wire.getKind()),
                wire.hasGroup() ? Optional.of(wire.getGroup()) : Optional.empty(),
                value(wire.getFormat()),
                count("bytes of a shard", wire.getBytes()),
                new Crc32c(wire.getCrc32C()));
    }

    private static void put(Frame.Builder frame, StagingSkipped message) {
        frame.setStagingSkipped(StagingSkippedWire.newBuilder()
                .setJob(message.job().value())
                .setSender(sender(message.worker(), message.incarnation()))
                .setRun(message.run().value())
                .setStep(message.step().value())
                .setRank(message.rank().value())
                .setReason(Texts.cut(message.reason())));
    }

    private static StagingSkipped take(StagingSkippedWire wire) {
        return new StagingSkipped(
                new JobName(wire.getJob()),
                new RunNumber(wire.getRun()),
                new Step(wire.getStep()),
                worker(wire.getSender()),
                incarnation(wire.getSender()),
                new Rank(wire.getRank()),
                wire.getReason());
    }

    private static void put(Frame.Builder frame, PartDone message) {
        frame.setPartDone(PartDoneWire.newBuilder()
                .setAttempt(wire(message.attempt()))
                .setSender(sender(message.worker(), message.incarnation()))
                .setRun(message.run().value())
                .setEpoch(message.epoch().value())
                .setPart(message.part().value()));
    }

    private static PartDone take(PartDoneWire wire) {
        return new PartDone(
                value(wire.getAttempt()),
                new RunNumber(wire.getRun()),
                new Epoch(wire.getEpoch()),
                worker(wire.getSender()),
                incarnation(wire.getSender()),
                new PartNumber(wire.getPart()));
    }

    private static void put(Frame.Builder frame, PartFailed message) {
        frame.setPartFailed(PartFailedWire.newBuilder()
                .setAttempt(wire(message.attempt()))
                .setSender(sender(message.worker(), message.incarnation()))
                .setRun(message.run().value())
                .setEpoch(message.epoch().value())
                .setPart(message.part().value())
                .setRetryable(message.retryable())
                .setReason(Texts.cut(message.reason())));
    }

    private static PartFailed take(PartFailedWire wire) {
        return new PartFailed(
                value(wire.getAttempt()),
                new RunNumber(wire.getRun()),
                new Epoch(wire.getEpoch()),
                worker(wire.getSender()),
                incarnation(wire.getSender()),
                new PartNumber(wire.getPart()),
                wire.getRetryable(),
                wire.getReason());
    }

    private static void put(Frame.Builder frame, ShardsChecked message) {
        frame.setShardsChecked(ShardsCheckedWire.newBuilder()
                .setAttempt(wire(message.attempt()))
                .setSender(sender(message.worker(), message.incarnation()))
                .setEpoch(message.epoch().value())
                .setRequestId(message.requestId())
                .setPart(message.part().value())
                .setResult(message.result().name())
                .setShards(message.shards())
                .setBytesRead(message.bytesRead())
                .setProven(Texts.cut(message.proven()))
                .addAllFindings(wire(message.findings())));
    }

    private static ShardsChecked take(ShardsCheckedWire wire) {
        return new ShardsChecked(
                value(wire.getAttempt()),
                new Epoch(wire.getEpoch()),
                wire.getRequestId(),
                worker(wire.getSender()),
                incarnation(wire.getSender()),
                new PartNumber(wire.getPart()),
                result(wire.getResult()),
                count("shards", wire.getShards()),
                count("bytes read", wire.getBytesRead()),
                wire.getProven(),
                value(wire.getFindingsList()));
    }

    private static void put(Frame.Builder frame, LoadAsked message) {
        LoadAskedWire.Builder wire = LoadAskedWire.newBuilder()
                .setJob(message.job().value())
                .setSender(sender(message.worker(), message.incarnation()))
                .setRun(message.run().value())
                .setOrdinal(message.ordinal())
                .setRank(message.rank().value())
                .setSelector(message.selector());
        message.group().ifPresent(wire::setGroup);
        frame.setLoadAsked(wire);
    }

    private static LoadAsked take(LoadAskedWire wire) {
        return new LoadAsked(
                new JobName(wire.getJob()),
                new RunNumber(wire.getRun()),
                count("ordinal", wire.getOrdinal()),
                new Rank(wire.getRank()),
                wire.hasGroup() ? Optional.of(wire.getGroup()) : Optional.empty(),
                worker(wire.getSender()),
                incarnation(wire.getSender()),
                wire.getSelector());
    }

    private static void put(Frame.Builder frame, LoadPrepared message) {
        frame.setLoadPrepared(LoadPreparedWire.newBuilder()
                .setJob(message.job().value())
                .setSender(sender(message.worker(), message.incarnation()))
                .setRun(message.run().value())
                .setOrdinal(message.ordinal())
                .setStep(message.step().value())
                .setRank(message.rank().value())
                .setFailure(orEmpty(message.failure()))
                .setReason(Texts.cut(message.reason())));
    }

    private static LoadPrepared take(LoadPreparedWire wire) {
        return new LoadPrepared(
                new JobName(wire.getJob()),
                new RunNumber(wire.getRun()),
                count("ordinal", wire.getOrdinal()),
                new Step(wire.getStep()),
                new Rank(wire.getRank()),
                worker(wire.getSender()),
                incarnation(wire.getSender()),
                failure(wire.getFailure()),
                wire.getReason());
    }
}
