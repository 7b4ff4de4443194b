package dev.moorage.protocol.cluster;

import static dev.moorage.protocol.cluster.WireValues.failure;
import static dev.moorage.protocol.cluster.WireValues.named;
import static dev.moorage.protocol.cluster.WireValues.orEmpty;
import static dev.moorage.protocol.cluster.WireValues.result;
import static dev.moorage.protocol.cluster.WireValues.value;
import static dev.moorage.protocol.cluster.WireValues.wire;

import dev.moorage.protocol.CheckpointState;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerificationStatus;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.cluster.Answer.LoadView;
import dev.moorage.protocol.cluster.Answer.Refused;
import dev.moorage.protocol.cluster.Answer.SaveView;
import dev.moorage.protocol.cluster.Answer.VerificationView;
import dev.moorage.protocol.cluster.Answer.WorkerView;
import dev.moorage.protocol.cluster.FrameTable.Row;
import dev.moorage.protocol.v1.cluster.Frame;
import dev.moorage.protocol.v1.cluster.Frame.MessageCase;
import dev.moorage.protocol.v1.cluster.LoadViewWire;
import dev.moorage.protocol.v1.cluster.RefusedWire;
import dev.moorage.protocol.v1.cluster.SaveViewWire;
import dev.moorage.protocol.v1.cluster.VerificationViewWire;
import dev.moorage.protocol.v1.cluster.WorkerViewWire;
import java.util.List;
import java.util.Optional;

/** {@link Answer} on the wire. */
final class AnswerRows {
    private AnswerRows() {}

    static List<Row<?>> rows() {
        return List.of(
                new Row<>(Refused.class, MessageCase.REFUSED, AnswerRows::put, f -> take(f.getRefused())),
                new Row<>(SaveView.class, MessageCase.SAVE_VIEW, AnswerRows::put, f -> take(f.getSaveView())),
                new Row<>(
                        VerificationView.class,
                        MessageCase.VERIFICATION_VIEW,
                        (f, message) -> f.setVerificationView(verification(message)),
                        f -> take(f.getVerificationView())),
                new Row<>(LoadView.class, MessageCase.LOAD_VIEW, AnswerRows::put, f -> take(f.getLoadView())),
                new Row<>(WorkerView.class, MessageCase.WORKER_VIEW, AnswerRows::put, f -> take(f.getWorkerView())));
    }

    private static void put(Frame.Builder frame, Refused message) {
        frame.setRefused(
                RefusedWire.newBuilder().setKind(message.kind().name()).setMessage(Texts.cut(message.message())));
    }

    private static Refused take(RefusedWire wire) {
        return new Refused(named("failure", FailureKind.values(), wire.getKind()), wire.getMessage());
    }

    private static void put(Frame.Builder frame, SaveView message) {
        SaveViewWire.Builder wire = SaveViewWire.newBuilder()
                .setJob(message.job().value())
                .setStep(message.step().value())
                .setState(message.state().name())
                .setAttempt(message.attempt())
                .setRun(message.run())
                .setWorldSize(message.worldSize())
                .setStaged(message.staged().toString())
                .setMissing(message.missing().toString())
                .setRawBytes(message.rawBytes())
                .setRawBytesDone(message.rawBytesDone())
                .setStoredBytesDone(message.storedBytesDone())
                .setParts(message.parts())
                .setPartsDone(message.partsDone())
                .setAlready(message.already())
                .setReason(Texts.cut(message.reason()));
        message.verification().ifPresent(view -> wire.setVerification(verification(view)));
        frame.setSaveView(wire);
    }

    private static SaveView take(SaveViewWire wire) {
        return new SaveView(
                new JobName(wire.getJob()),
                new Step(wire.getStep()),
                named("state", CheckpointState.values(), wire.getState()),
                wire.getAttempt(),
                wire.getRun(),
                wire.getWorldSize(),
                RankSet.parse(wire.getStaged()),
                RankSet.parse(wire.getMissing()),
                wire.getRawBytes(),
                wire.getRawBytesDone(),
                wire.getStoredBytesDone(),
                wire.getParts(),
                wire.getPartsDone(),
                wire.getAlready(),
                wire.getReason(),
                wire.hasVerification() ? Optional.of(take(wire.getVerification())) : Optional.empty());
    }

    private static VerificationViewWire verification(VerificationView view) {
        return VerificationViewWire.newBuilder()
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
                .setResult(orEmpty(view.result()))
                .setIndependentReader(view.independentReader())
                .setStatus(view.status().name())
                .addAllFindings(wire(view.findings()))
                .build();
    }

    private static VerificationView take(VerificationViewWire wire) {
        return new VerificationView(
                new JobName(wire.getJob()),
                new Step(wire.getStep()),
                wire.getRequestId(),
                VerifyDepth.parse(wire.getDepth()),
                wire.getRunning(),
                wire.getBytesTotal(),
                wire.getBytesDone(),
                wire.getShards(),
                wire.getShardsDone(),
                wire.getVerdict(),
                wire.getResult().isEmpty() ? Optional.empty() : Optional.of(result(wire.getResult())),
                wire.getIndependentReader(),
                named("verification status", VerificationStatus.values(), wire.getStatus()),
                value(wire.getFindingsList()));
    }

    private static void put(Frame.Builder frame, LoadView message) {
        LoadViewWire.Builder wire = LoadViewWire.newBuilder()
                .setJob(message.job().value())
                .setRun(message.run().value())
                .setOrdinal(message.ordinal())
                .setWaiting(message.waiting().toString())
                .setMissing(message.missing().toString())
                .setPrepared(message.prepared())
                .setDecided(message.decided())
                .setFailure(orEmpty(message.failure()))
                .setReason(Texts.cut(message.reason()));
        message.step().ifPresent(step -> wire.setStep(step.value()));
        frame.setLoadView(wire);
    }

    private static LoadView take(LoadViewWire wire) {
        return new LoadView(
                new JobName(wire.getJob()),
                new RunNumber(wire.getRun()),
                wire.getOrdinal(),
                wire.hasStep() ? Optional.of(new Step(wire.getStep())) : Optional.empty(),
                RankSet.parse(wire.getWaiting()),
                RankSet.parse(wire.getMissing()),
                wire.getPrepared(),
                wire.getDecided(),
                failure(wire.getFailure()),
                wire.getReason());
    }

    private static void put(Frame.Builder frame, WorkerView message) {
        WorkerViewWire.Builder wire = WorkerViewWire.newBuilder()
                .setWorker(message.worker().value())
                .setIncarnation(message.incarnation().value())
                .setHost(message.host())
                .setSocket(message.socket())
                .setAttached(message.attached())
                .setStagedBytes(message.stagedBytes())
                .setStagingBytesMax(message.stagingBytesMax())
                .setVersion(message.version());
        message.jobs().forEach(job -> wire.addJobs(job.value()));
        frame.setWorkerView(wire);
    }

    private static WorkerView take(WorkerViewWire wire) {
        return new WorkerView(
                new WorkerId(wire.getWorker()),
                new Incarnation(wire.getIncarnation()),
                wire.getHost(),
                wire.getSocket(),
                wire.getJobsList().stream().map(JobName::new).toList(),
                wire.getAttached(),
                wire.getStagedBytes(),
                wire.getStagingBytesMax(),
                wire.getVersion());
    }
}
