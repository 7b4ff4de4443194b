package dev.moorage.protocol.grpc;

import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.cluster.Answer.LoadView;
import dev.moorage.protocol.cluster.Answer.SaveView;
import dev.moorage.protocol.cluster.Answer.VerificationView;
import dev.moorage.protocol.cluster.Answer.WorkerView;
import dev.moorage.protocol.record.Finding;
import dev.moorage.protocol.v1.FindingInfo;
import dev.moorage.protocol.v1.LoadStatus;
import dev.moorage.protocol.v1.SaveStatus;
import dev.moorage.protocol.v1.VerificationStatus;
import dev.moorage.protocol.v1.WorkerInfo;
import java.util.Optional;
import java.util.OptionalInt;

/** The views of saves, verifications, loads and workers in the public API. What comes in is checked: INVALID if it cannot be. */
public final class WireViews {
    private WireViews() {}

    /** As in the API. */
    public static SaveStatus toProto(SaveView view) {
        SaveStatus.Builder status = SaveStatus.newBuilder()
                .setJob(view.job().value())
                .setStep(view.step().value())
                .setState(WireEnums.toProto(view.state()))
                .setAttempt(view.attempt())
                .setRun(view.run())
                .setWorldSize(view.worldSize())
                .setStagedRanks(view.staged().toString())
                .setMissingRanks(view.missing().toString())
                .setRawBytes(view.rawBytes())
                .setRawBytesDone(view.rawBytesDone())
                .setStoredBytesDone(view.storedBytesDone())
                .setParts(view.parts())
                .setPartsDone(view.partsDone())
                .setAlready(view.already())
                .setReason(view.reason());
        view.verification().ifPresent(verification -> status.setVerification(toProto(verification)));
        return status.build();
    }

    /** From the API. */
    public static SaveView fromProto(SaveStatus status) {
        return new SaveView(
                new JobName(status.getJob()),
                new Step(status.getStep()),
                WireEnums.fromProto(status.getState()),
                status.getAttempt(),
                status.getRun(),
                status.getWorldSize(),
                RankSet.parse(status.getStagedRanks()),
                RankSet.parse(status.getMissingRanks()),
                status.getRawBytes(),
                status.getRawBytesDone(),
                status.getStoredBytesDone(),
                status.getParts(),
                status.getPartsDone(),
                status.getAlready(),
                status.getReason(),
                status.hasVerification() ? Optional.of(fromProto(status.getVerification())) : Optional.empty());
    }

    /** As in the API. */
    public static VerificationStatus toProto(VerificationView view) {
        VerificationStatus.Builder status = VerificationStatus.newBuilder()
                .setJob(view.job().value())
                .setStep(view.step().value())
                .setRequestId(view.requestId())
                .setDepth(view.depth().toString())
                .setRunning(view.running())
                .setBytesTotal(view.bytesTotal())
                .setBytesDone(view.bytesDone())
                .setShards(view.shards())
                .setShardsDone(view.shardsDone())
                .setVerdict(view.verdict())
                .setIndependentReader(view.independentReader())
                .setStatus(WireEnums.toProto(view.status()));
        view.result().ifPresent(result -> status.setResult(WireEnums.toProto(result)));
        view.findings().forEach(finding -> status.addFindings(toProto(finding)));
        return status.build();
    }

    /** From the API. */
    public static VerificationView fromProto(VerificationStatus status) {
        return new VerificationView(
                new JobName(status.getJob()),
                new Step(status.getStep()),
                status.getRequestId(),
                VerifyDepth.parse(status.getDepth()),
                status.getRunning(),
                status.getBytesTotal(),
                status.getBytesDone(),
                status.getShards(),
                status.getShardsDone(),
                status.getVerdict(),
                WireEnums.fromProto(status.getResult()),
                status.getIndependentReader(),
                WireEnums.fromProto(status.getStatus()),
                status.getFindingsList().stream().map(WireViews::fromProto).toList());
    }

    /** As in the API. */
    public static FindingInfo toProto(Finding finding) {
        FindingInfo.Builder info = FindingInfo.newBuilder()
                .setRank(finding.shard().rank().value())
                .setReplicated(finding.shard().kind() == ShardKind.REPLICATED)
                .setResult(WireEnums.toProto(finding.result()))
                .setMessage(finding.message());
        finding.chunk().ifPresent(info::setChunk);
        return info.build();
    }

    /** From the API. */
    public static Finding fromProto(FindingInfo info) {
        return new Finding(
                new ShardId(new Rank(info.getRank()), info.getReplicated() ? ShardKind.REPLICATED : ShardKind.OWN),
                WireEnums.fromProto(info.getResult()).orElseThrow(() -> WireEnums.unknown("result of a finding")),
                info.hasChunk() ? OptionalInt.of(info.getChunk()) : OptionalInt.empty(),
                info.getMessage());
    }

    /** As in the API. */
    public static LoadStatus toProto(LoadView view) {
        LoadStatus.Builder status = LoadStatus.newBuilder()
                .setJob(view.job().value())
                .setRun(view.run().value())
                .setOrdinal(view.ordinal())
                .setWaitingRanks(view.waiting().toString())
                .setMissingRanks(view.missing().toString())
                .setPrepared(view.prepared())
                .setDecided(view.decided())
                .setReason(view.reason());
        view.step().ifPresent(step -> status.setStep(step.value()));
        view.failure().ifPresent(failure -> status.setFailure(WireEnums.toProto(failure)));
        return status.build();
    }

    /** From the API. */
    public static LoadView fromProto(LoadStatus status) {
        return new LoadView(
                new JobName(status.getJob()),
                new RunNumber(status.getRun()),
                status.getOrdinal(),
                status.hasStep() ? Optional.of(new Step(status.getStep())) : Optional.empty(),
                RankSet.parse(status.getWaitingRanks()),
                RankSet.parse(status.getMissingRanks()),
                status.getPrepared(),
                status.getDecided(),
                WireEnums.fromProto(status.getFailure()),
                status.getReason());
    }

    /** As in the API. */
    public static WorkerInfo toProto(WorkerView view) {
        return WorkerInfo.newBuilder()
                .setWorker(view.worker().value())
                .setIncarnation(view.incarnation().value())
                .setHost(view.host())
                .setSocket(view.socket())
                .addAllJobs(view.jobs().stream().map(JobName::value).toList())
                .setAttachedRanks(view.attached())
                .setStagedBytes(view.stagedBytes())
                .setStagingBytesMax(view.stagingBytesMax())
                .setVersion(view.version())
                .build();
    }

    /** From the API. */
    public static WorkerView fromProto(WorkerInfo info) {
        return new WorkerView(
                new WorkerId(info.getWorker()),
                new Incarnation(info.getIncarnation()),
                info.getHost(),
                info.getSocket(),
                info.getJobsList().stream().map(JobName::new).toList(),
                info.getAttachedRanks(),
                info.getStagedBytes(),
                info.getStagingBytesMax(),
                info.getVersion());
    }
}
