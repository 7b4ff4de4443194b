package dev.moorage.client.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moorage.protocol.CheckpointState;
import dev.moorage.protocol.grpc.WireEnums;
import dev.moorage.protocol.v1.SaveStatus;

/** How a save that a cluster works on is shown. */
public final class SaveReport {
    private SaveReport() {}

    /** One line for people, without an end of line. */
    public static String line(SaveStatus save) {
        CheckpointState state = WireEnums.fromProto(save.getState());
        StringBuilder line = new StringBuilder("job " + save.getJob() + " step " + save.getStep() + ": " + state);
        if (save.getAttempt() > 0) {
            line.append(", attempt ").append(save.getAttempt());
        }
        if (state == CheckpointState.STAGING && !save.getMissingRanks().isEmpty()) {
            line.append(", waiting for ranks ").append(save.getMissingRanks());
        }
        if (save.getParts() > 0 && !state.isClosed()) {
            line.append(", parts ").append(save.getPartsDone()).append(" of ").append(save.getParts());
            line.append(", ").append(Wording.bytes(save.getRawBytesDone()));
            line.append(" of ").append(Wording.bytes(save.getRawBytes()));
        }
        if (state == CheckpointState.COMMITTED) {
            line.append(", ").append(Wording.bytes(save.getRawBytes()));
        }
        if (save.hasVerification()) {
            line.append(", verification ")
                    .append(
                            save.getVerification().getRunning()
                                    ? "running"
                                    : WireEnums.fromProto(save.getVerification().getStatus())
                                            .name());
        }
        return line.append(save.getReason().isEmpty() ? "" : ": " + save.getReason())
                .toString();
    }

    /** The fields of {@code docs/commands.md}. */
    public static ObjectNode json(SaveStatus save) {
        ObjectNode object = Json.object();
        object.put("job", save.getJob())
                .put("step", save.getStep())
                .put("state", WireEnums.fromProto(save.getState()).name())
                .put("attempt", save.getAttempt())
                .put("run", save.getRun())
                .put("world_size", save.getWorldSize())
                .put("staged_ranks", save.getStagedRanks())
                .put("missing_ranks", save.getMissingRanks())
                .put("raw_bytes", save.getRawBytes())
                .put("raw_bytes_done", save.getRawBytesDone())
                .put("stored_bytes_done", save.getStoredBytesDone())
                .put("parts", save.getParts())
                .put("parts_done", save.getPartsDone())
                .put("already", save.getAlready());
        if (!save.getReason().isEmpty()) {
            object.put("reason", save.getReason());
        }
        if (save.hasVerification()) {
            object.putObject("verification")
                    .put("depth", save.getVerification().getDepth())
                    .put("running", save.getVerification().getRunning())
                    .put("verdict", save.getVerification().getVerdict())
                    .put(
                            "status",
                            WireEnums.fromProto(save.getVerification().getStatus())
                                    .name());
        }
        return object;
    }
}
