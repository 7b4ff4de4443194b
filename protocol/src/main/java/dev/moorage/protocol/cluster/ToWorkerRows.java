package dev.moorage.protocol.cluster;

import static dev.moorage.protocol.cluster.WireValues.count;
import static dev.moorage.protocol.cluster.WireValues.failure;
import static dev.moorage.protocol.cluster.WireValues.named;
import static dev.moorage.protocol.cluster.WireValues.orEmpty;
import static dev.moorage.protocol.cluster.WireValues.value;
import static dev.moorage.protocol.cluster.WireValues.wire;

import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.cluster.FrameTable.Row;
import dev.moorage.protocol.cluster.ToWorker.AssignPart;
import dev.moorage.protocol.cluster.ToWorker.Challenge;
import dev.moorage.protocol.cluster.ToWorker.CheckShards;
import dev.moorage.protocol.cluster.ToWorker.DescribeAsked;
import dev.moorage.protocol.cluster.ToWorker.Invite;
import dev.moorage.protocol.cluster.ToWorker.LoadDecided;
import dev.moorage.protocol.cluster.ToWorker.OutcomeTold;
import dev.moorage.protocol.cluster.ToWorker.PrepareLoad;
import dev.moorage.protocol.cluster.ToWorker.Registered;
import dev.moorage.protocol.cluster.ToWorker.RegistrationRefused;
import dev.moorage.protocol.cluster.ToWorker.RunOpened;
import dev.moorage.protocol.cluster.ToWorker.RunRefused;
import dev.moorage.protocol.cluster.ToWorker.ShardToLoad;
import dev.moorage.protocol.cluster.ToWorker.StagingEnded;
import dev.moorage.protocol.v1.cluster.AssignPartWire;
import dev.moorage.protocol.v1.cluster.ChallengeWire;
import dev.moorage.protocol.v1.cluster.CheckShardsWire;
import dev.moorage.protocol.v1.cluster.DescribeAskedWire;
import dev.moorage.protocol.v1.cluster.Frame;
import dev.moorage.protocol.v1.cluster.Frame.MessageCase;
import dev.moorage.protocol.v1.cluster.InviteWire;
import dev.moorage.protocol.v1.cluster.LoadDecidedWire;
import dev.moorage.protocol.v1.cluster.OutcomeToldWire;
import dev.moorage.protocol.v1.cluster.PrepareLoadWire;
import dev.moorage.protocol.v1.cluster.RegisteredWire;
import dev.moorage.protocol.v1.cluster.RegistrationRefusedWire;
import dev.moorage.protocol.v1.cluster.RunOpenedWire;
import dev.moorage.protocol.v1.cluster.RunRefusedWire;
import dev.moorage.protocol.v1.cluster.ShardToLoadWire;
import dev.moorage.protocol.v1.cluster.StagingEndedWire;
import java.util.List;
import java.util.Optional;

/** {@link ToWorker} on the wire. */
final class ToWorkerRows {
    private final ActorRefs refs;

    ToWorkerRows(ActorRefs refs) {
        this.refs = refs;
    }

    List<Row<?>> rows() {
        return List.of(
                new Row<>(Challenge.class, MessageCase.CHALLENGE, ToWorkerRows::put, f -> take(f.getChallenge())),
                new Row<>(Registered.class, MessageCase.REGISTERED, ToWorkerRows::put, f -> take(f.getRegistered())),
                new Row<>(
                        RegistrationRefused.class,
                        MessageCase.REGISTRATION_REFUSED,
                        ToWorkerRows::put,
                        f -> take(f.getRegistrationRefused())),
                new Row<>(Invite.class, MessageCase.INVITE, ToWorkerRows::put, f -> take(f.getInvite())),
                new Row<>(
                        StagingEnded.class,
                        MessageCase.STAGING_ENDED,
                        ToWorkerRows::put,
                        f -> take(f.getStagingEnded())),
                new Row<>(RunOpened.class, MessageCase.RUN_OPENED, ToWorkerRows::put, f -> take(f.getRunOpened())),
                new Row<>(RunRefused.class, MessageCase.RUN_REFUSED, ToWorkerRows::put, f -> take(f.getRunRefused())),
                new Row<>(AssignPart.class, MessageCase.ASSIGN_PART, ToWorkerRows::put, f -> take(f.getAssignPart())),
                new Row<>(
                        OutcomeTold.class, MessageCase.OUTCOME_TOLD, ToWorkerRows::put, f -> take(f.getOutcomeTold())),
                new Row<>(
                        CheckShards.class, MessageCase.CHECK_SHARDS, ToWorkerRows::put, f -> take(f.getCheckShards())),
                new Row<>(
                        PrepareLoad.class, MessageCase.PREPARE_LOAD, ToWorkerRows::put, f -> take(f.getPrepareLoad())),
                new Row<>(
                        LoadDecided.class, MessageCase.LOAD_DECIDED, ToWorkerRows::put, f -> take(f.getLoadDecided())),
                new Row<>(DescribeAsked.class, MessageCase.DESCRIBE_ASKED, this::put, f -> take(f.getDescribeAsked())));
    }

    private static void put(Frame.Builder frame, Challenge message) {
        frame.setChallenge(ChallengeWire.newBuilder()
                .setJob(message.job().value())
                .setIncarnation(message.incarnation().value())
                .setChallenge(message.challenge()));
    }

    private static Challenge take(ChallengeWire wire) {
        return new Challenge(new JobName(wire.getJob()), new Incarnation(wire.getIncarnation()), wire.getChallenge());
    }

    private static void put(Frame.Builder frame, Registered message) {
        frame.setRegistered(RegisteredWire.newBuilder()
                .setJob(message.job().value())
                .setEpoch(message.epoch().value())
                .setIncarnation(message.incarnation().value()));
    }

    private static Registered take(RegisteredWire wire) {
        return new Registered(
                new JobName(wire.getJob()), new Epoch(wire.getEpoch()), new Incarnation(wire.getIncarnation()));
    }

    private static void put(Frame.Builder frame, RegistrationRefused message) {
        frame.setRegistrationRefused(RegistrationRefusedWire.newBuilder()
                .setJob(message.job().value())
                .setIncarnation(message.incarnation().value())
                .setReason(Texts.cut(message.reason()))
                .setKind(message.kind().name()));
    }

    private static RegistrationRefused take(RegistrationRefusedWire wire) {
        return new RegistrationRefused(
                new JobName(wire.getJob()),
                new Incarnation(wire.getIncarnation()),
                named("kind", FailureKind.values(), wire.getKind()),
                wire.getReason());
    }

    private static void put(Frame.Builder frame, RunOpened message) {
        frame.setRunOpened(RunOpenedWire.newBuilder()
                .setJob(message.job().value())
                .setToken(message.token().value())
                .setRun(message.run().value()));
    }

    private static RunOpened take(RunOpenedWire wire) {
        return new RunOpened(new JobName(wire.getJob()), new RunToken(wire.getToken()), new RunNumber(wire.getRun()));
    }

    private static void put(Frame.Builder frame, Invite message) {
        frame.setInvite(InviteWire.newBuilder().setJob(message.job().value()));
    }

    private static Invite take(InviteWire wire) {
        return new Invite(new JobName(wire.getJob()));
    }

    private static void put(Frame.Builder frame, StagingEnded message) {
        frame.setStagingEnded(StagingEndedWire.newBuilder()
                .setJob(message.job().value())
                .setRun(message.run().value())
                .setStep(message.step().value())
                .setEpoch(message.epoch().value())
                .setReason(Texts.cut(message.reason())));
    }

    private static StagingEnded take(StagingEndedWire wire) {
        return new StagingEnded(
                new JobName(wire.getJob()),
                new RunNumber(wire.getRun()),
                new Step(wire.getStep()),
                new Epoch(wire.getEpoch()),
                wire.getReason());
    }

    private static void put(Frame.Builder frame, RunRefused message) {
        frame.setRunRefused(RunRefusedWire.newBuilder()
                .setJob(message.job().value())
                .setToken(message.token().value())
                .setReason(Texts.cut(message.reason()))
                .setKind(message.kind().name()));
    }

    private static RunRefused take(RunRefusedWire wire) {
        return new RunRefused(
                new JobName(wire.getJob()),
                new RunToken(wire.getToken()),
                named("kind", FailureKind.values(), wire.getKind()),
                wire.getReason());
    }

    private static void put(Frame.Builder frame, AssignPart message) {
        AssignPartWire.Builder wire = AssignPartWire.newBuilder()
                .setAttempt(wire(message.attempt()))
                .setRun(message.run().value())
                .setEpoch(message.epoch().value())
                .setPart(message.part().value())
                .setCodec(message.codec().toString());
        message.shards().forEach(shard -> wire.addShards(wire(shard)));
        frame.setAssignPart(wire);
    }

    private static AssignPart take(AssignPartWire wire) {
        return new AssignPart(
                value(wire.getAttempt()),
                new RunNumber(wire.getRun()),
                new Epoch(wire.getEpoch()),
                new PartNumber(wire.getPart()),
                Codec.parse(wire.getCodec()),
                wire.getShardsList().stream().map(shard -> value(shard)).toList());
    }

    private static void put(Frame.Builder frame, OutcomeTold message) {
        frame.setOutcomeTold(OutcomeToldWire.newBuilder()
                .setAttempt(wire(message.attempt()))
                .setRun(message.run().value())
                .setEpoch(message.epoch().value())
                .setCommitted(message.committed())
                .setReason(Texts.cut(message.reason())));
    }

    private static OutcomeTold take(OutcomeToldWire wire) {
        return new OutcomeTold(
                value(wire.getAttempt()),
                new RunNumber(wire.getRun()),
                new Epoch(wire.getEpoch()),
                wire.getCommitted(),
                wire.getReason());
    }

    private static void put(Frame.Builder frame, CheckShards message) {
        CheckShardsWire.Builder wire = CheckShardsWire.newBuilder()
                .setAttempt(wire(message.attempt()))
                .setEpoch(message.epoch().value())
                .setRequestId(message.requestId())
                .setPart(wire(message.part()))
                .setDepth(message.depth().toString())
                .setSeed(message.seed());
        message.shards().forEach(shard -> wire.addShards(wire(shard)));
        frame.setCheckShards(wire);
    }

    private static CheckShards take(CheckShardsWire wire) {
        return new CheckShards(
                value(wire.getAttempt()),
                new Epoch(wire.getEpoch()),
                wire.getRequestId(),
                value(wire.getPart(), wire.hasPart()),
                wire.getShardsList().stream().map(shard -> value(shard)).toList(),
                VerifyDepth.parse(wire.getDepth()),
                wire.getSeed());
    }

    private static void put(Frame.Builder frame, PrepareLoad message) {
        PrepareLoadWire.Builder wire = PrepareLoadWire.newBuilder()
                .setJob(message.job().value())
                .setRun(message.run().value())
                .setOrdinal(message.ordinal())
                .setRank(message.rank().value())
                .setEpoch(message.epoch().value())
                .setSource(wire(message.source()));
        message.shards()
                .forEach(load -> wire.addShards(
                        ShardToLoadWire.newBuilder().setPart(wire(load.part())).setShard(wire(load.shard()))));
        frame.setPrepareLoad(wire);
    }

    private static PrepareLoad take(PrepareLoadWire wire) {
        return new PrepareLoad(
                new JobName(wire.getJob()),
                new RunNumber(wire.getRun()),
                count("ordinal", wire.getOrdinal()),
                new Rank(wire.getRank()),
                new Epoch(wire.getEpoch()),
                value(wire.getSource()),
                wire.getShardsList().stream()
                        .map(load -> new ShardToLoad(value(load.getPart(), load.hasPart()), value(load.getShard())))
                        .toList());
    }

    private static void put(Frame.Builder frame, LoadDecided message) {
        LoadDecidedWire.Builder wire = LoadDecidedWire.newBuilder()
                .setJob(message.job().value())
                .setRun(message.run().value())
                .setOrdinal(message.ordinal())
                .setRank(message.rank().value())
                .setEpoch(message.epoch().value())
                .setFailure(orEmpty(message.failure()))
                .setReason(Texts.cut(message.reason()));
        message.step().ifPresent(step -> wire.setStep(step.value()));
        frame.setLoadDecided(wire);
    }

    private static LoadDecided take(LoadDecidedWire wire) {
        return new LoadDecided(
                new JobName(wire.getJob()),
                new RunNumber(wire.getRun()),
                count("ordinal", wire.getOrdinal()),
                new Rank(wire.getRank()),
                new Epoch(wire.getEpoch()),
                wire.hasStep() ? Optional.of(new Step(wire.getStep())) : Optional.empty(),
                failure(wire.getFailure()),
                wire.getReason());
    }

    private void put(Frame.Builder frame, DescribeAsked message) {
        frame.setDescribeAsked(DescribeAskedWire.newBuilder().setReplyTo(refs.wire(message.replyTo())));
    }

    private DescribeAsked take(DescribeAskedWire wire) {
        return new DescribeAsked(refs.value(wire.getReplyTo()));
    }
}
