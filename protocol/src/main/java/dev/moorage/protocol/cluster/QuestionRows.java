package dev.moorage.protocol.cluster;

import static dev.moorage.protocol.cluster.WireValues.count;
import static dev.moorage.protocol.cluster.WireValues.metadata;
import static dev.moorage.protocol.cluster.WireValues.orEmpty;

import dev.moorage.protocol.JobName;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.cluster.FrameTable.Row;
import dev.moorage.protocol.cluster.ToCoordinator.CancelAsked;
import dev.moorage.protocol.cluster.ToCoordinator.LoadViewAsked;
import dev.moorage.protocol.cluster.ToCoordinator.SaveAsked;
import dev.moorage.protocol.cluster.ToCoordinator.SaveViewAsked;
import dev.moorage.protocol.cluster.ToCoordinator.VerificationViewAsked;
import dev.moorage.protocol.cluster.ToCoordinator.VerifyAsked;
import dev.moorage.protocol.cluster.ToCoordinator.Wake;
import dev.moorage.protocol.v1.cluster.CancelAskedWire;
import dev.moorage.protocol.v1.cluster.Frame;
import dev.moorage.protocol.v1.cluster.Frame.MessageCase;
import dev.moorage.protocol.v1.cluster.LoadViewAskedWire;
import dev.moorage.protocol.v1.cluster.SaveAskedWire;
import dev.moorage.protocol.v1.cluster.SaveViewAskedWire;
import dev.moorage.protocol.v1.cluster.VerificationViewAskedWire;
import dev.moorage.protocol.v1.cluster.VerifyAskedWire;
import dev.moorage.protocol.v1.cluster.WakeWire;
import java.util.List;
import java.util.Optional;

/** What the front door asks a coordinator, on the wire. */
final class QuestionRows {
    private final ActorRefs refs;

    QuestionRows(ActorRefs refs) {
        this.refs = refs;
    }

    List<Row<?>> rows() {
        return List.of(
                new Row<>(
                        Wake.class,
                        MessageCase.WAKE,
                        (f, wake) -> f.setWake(
                                WakeWire.newBuilder().setJob(wake.job().value())),
                        f -> new Wake(new JobName(f.getWake().getJob()))),
                new Row<>(SaveAsked.class, MessageCase.SAVE_ASKED, this::put, f -> take(f.getSaveAsked())),
                new Row<>(CancelAsked.class, MessageCase.CANCEL_ASKED, this::put, f -> take(f.getCancelAsked())),
                new Row<>(SaveViewAsked.class, MessageCase.SAVE_VIEW_ASKED, this::put, f -> take(f.getSaveViewAsked())),
                new Row<>(VerifyAsked.class, MessageCase.VERIFY_ASKED, this::put, f -> take(f.getVerifyAsked())),
                new Row<>(
                        VerificationViewAsked.class,
                        MessageCase.VERIFICATION_VIEW_ASKED,
                        this::put,
                        f -> take(f.getVerificationViewAsked())),
                new Row<>(
                        LoadViewAsked.class, MessageCase.LOAD_VIEW_ASKED, this::put, f -> take(f.getLoadViewAsked())));
    }

    private void put(Frame.Builder frame, SaveAsked message) {
        frame.setSaveAsked(SaveAskedWire.newBuilder()
                .setJob(message.job().value())
                .setStep(message.step().value())
                .setCodec(orEmpty(message.codec()))
                .setDepth(orEmpty(message.depth()))
                .putAllMetadata(metadata(message.metadata()))
                .setReplyTo(refs.wire(message.replyTo())));
    }

    private SaveAsked take(SaveAskedWire wire) {
        return new SaveAsked(
                new JobName(wire.getJob()),
                new Step(wire.getStep()),
                WireValues.codec(wire.getCodec()),
                WireValues.depth(wire.getDepth()),
                metadata(wire.getMetadataMap()),
                refs.value(wire.getReplyTo()));
    }

    private void put(Frame.Builder frame, CancelAsked message) {
        frame.setCancelAsked(CancelAskedWire.newBuilder()
                .setJob(message.job().value())
                .setStep(message.step().value())
                .setReplyTo(refs.wire(message.replyTo())));
    }

    private CancelAsked take(CancelAskedWire wire) {
        return new CancelAsked(new JobName(wire.getJob()), new Step(wire.getStep()), refs.value(wire.getReplyTo()));
    }

    private void put(Frame.Builder frame, SaveViewAsked message) {
        frame.setSaveViewAsked(SaveViewAskedWire.newBuilder()
                .setJob(message.job().value())
                .setStep(message.step().value())
                .setReplyTo(refs.wire(message.replyTo())));
    }

    private SaveViewAsked take(SaveViewAskedWire wire) {
        return new SaveViewAsked(new JobName(wire.getJob()), new Step(wire.getStep()), refs.value(wire.getReplyTo()));
    }

    private void put(Frame.Builder frame, VerifyAsked message) {
        VerifyAskedWire.Builder wire = VerifyAskedWire.newBuilder()
                .setJob(message.job().value())
                .setStep(message.step().value())
                .setRequestId(message.requestId())
                .setDepth(message.depth().toString())
                .setReplyTo(refs.wire(message.replyTo()));
        message.ranks().ifPresent(ranks -> wire.setRanks(ranks.toString()));
        frame.setVerifyAsked(wire);
    }

    private VerifyAsked take(VerifyAskedWire wire) {
        return new VerifyAsked(
                new JobName(wire.getJob()),
                new Step(wire.getStep()),
                wire.getRequestId(),
                VerifyDepth.parse(wire.getDepth()),
                wire.hasRanks() ? Optional.of(RankSet.parse(wire.getRanks())) : Optional.empty(),
                refs.value(wire.getReplyTo()));
    }

    private void put(Frame.Builder frame, VerificationViewAsked message) {
        frame.setVerificationViewAsked(VerificationViewAskedWire.newBuilder()
                .setJob(message.job().value())
                .setStep(message.step().value())
                .setRequestId(message.requestId())
                .setReplyTo(refs.wire(message.replyTo())));
    }

    private VerificationViewAsked take(VerificationViewAskedWire wire) {
        return new VerificationViewAsked(
                new JobName(wire.getJob()),
                new Step(wire.getStep()),
                wire.getRequestId(),
                refs.value(wire.getReplyTo()));
    }

    private void put(Frame.Builder frame, LoadViewAsked message) {
        frame.setLoadViewAsked(LoadViewAskedWire.newBuilder()
                .setJob(message.job().value())
                .setRun(message.run().value())
                .setOrdinal(message.ordinal())
                .setReplyTo(refs.wire(message.replyTo())));
    }

    private LoadViewAsked take(LoadViewAskedWire wire) {
        return new LoadViewAsked(
                new JobName(wire.getJob()),
                new RunNumber(wire.getRun()),
                count("ordinal", wire.getOrdinal()),
                refs.value(wire.getReplyTo()));
    }
}
