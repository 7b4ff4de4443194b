package dev.moorage.protocol.cluster;

import static dev.moorage.protocol.cluster.WireValues.count;
import static dev.moorage.protocol.cluster.WireValues.incarnation;
import static dev.moorage.protocol.cluster.WireValues.sender;
import static dev.moorage.protocol.cluster.WireValues.value;
import static dev.moorage.protocol.cluster.WireValues.wire;
import static dev.moorage.protocol.cluster.WireValues.worker;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.cluster.FrameTable.Row;
import dev.moorage.protocol.cluster.ToCoordinator.PartProgress;
import dev.moorage.protocol.cluster.ToCoordinator.Phase;
import dev.moorage.protocol.cluster.ToCoordinator.Progressed;
import dev.moorage.protocol.v1.cluster.Frame;
import dev.moorage.protocol.v1.cluster.Frame.MessageCase;
import dev.moorage.protocol.v1.cluster.PartProgressWire;
import dev.moorage.protocol.v1.cluster.PhaseWire;
import dev.moorage.protocol.v1.cluster.ProgressedWire;
import java.util.List;

/** How far a worker is, on the wire. */
final class ProgressRows {
    private ProgressRows() {}

    static List<Row<?>> rows() {
        return List.of(
                new Row<>(Progressed.class, MessageCase.PROGRESSED, ProgressRows::put, f -> take(f.getProgressed())));
    }

    private static void put(Frame.Builder frame, Progressed message) {
        ProgressedWire.Builder wire = ProgressedWire.newBuilder()
                .setJob(message.job().value())
                .setSender(sender(message.worker(), message.incarnation()))
                .setEpoch(message.epoch().value());
        message.parts()
                .forEach(part -> wire.addParts(PartProgressWire.newBuilder()
                        .setAttempt(wire(part.attempt()))
                        .setPhase(phase(part.phase()))
                        .setPart(part.part().value())
                        .setRawBytes(part.rawBytes())
                        .setStoredBytes(part.storedBytes())));
        frame.setProgressed(wire);
    }

    private static Progressed take(ProgressedWire wire) {
        return new Progressed(
                new JobName(wire.getJob()),
                worker(wire.getSender()),
                incarnation(wire.getSender()),
                new Epoch(wire.getEpoch()),
                wire.getPartsList().stream().map(ProgressRows::part).toList());
    }

    private static PartProgress part(PartProgressWire wire) {
        return new PartProgress(
                value(wire.getAttempt()),
                phase(wire.getPhase()),
                new PartNumber(wire.getPart()),
                count("raw bytes", wire.getRawBytes()),
                count("stored bytes", wire.getStoredBytes()));
    }

    private static PhaseWire phase(Phase phase) {
        return switch (phase) {
            case UPLOAD -> PhaseWire.PHASE_WIRE_UPLOAD;
            case CHECK -> PhaseWire.PHASE_WIRE_CHECK;
        };
    }

    private static Phase phase(PhaseWire wire) {
        return switch (wire) {
            case PHASE_WIRE_UPLOAD -> Phase.UPLOAD;
            case PHASE_WIRE_CHECK -> Phase.CHECK;
            case PHASE_WIRE_UNSPECIFIED, UNRECOGNIZED ->
                throw CheckpointException.invalid("unknown phase of a part; all daemons must run one version");
        };
    }
}
