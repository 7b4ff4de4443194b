package dev.moorage.client.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moorage.protocol.CheckpointState;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerificationStatus;
import java.time.Instant;
import java.util.Optional;

/**
 * A checkpoint in a listing. Zero stands for what is not known.
 *
 * @param state empty if a record of the step does not hold
 * @param reason why it is not a checkpoint, or what does not hold; or empty
 */
record Row(
        Step step,
        Optional<CheckpointState> state,
        int attempt,
        long run,
        int worldSize,
        long rawBytes,
        long storedBytes,
        VerificationStatus verification,
        long createdAtMillis,
        String reason) {

    /** Of a reason in a table; the whole one is in JSON and in what show prints. */
    private static final int REASON_MAX = 100;

    boolean isCommitted() {
        return state.equals(Optional.of(CheckpointState.COMMITTED));
    }

    boolean isOpen() {
        return state.isPresent() && !state.get().isClosed();
    }

    Table.Cell stateCell() {
        return state.map(known -> new Table.Cell(known.name(), Colour.of(known)))
                .orElse(new Table.Cell("DAMAGED", Colour.BAD));
    }

    static Table table() {
        return new Table(">STEP", "STATE", "VERIFIED", ">RANKS", ">SIZE", ">STORED", ">RATIO", "CREATED", "REASON");
    }

    void addTo(Table table) {
        table.row(
                step,
                stateCell(),
                isCommitted() ? new Table.Cell(Wording.of(verification), Colour.of(verification)) : "-",
                worldSize == 0 ? "-" : worldSize,
                rawBytes == 0 && !isCommitted() ? "-" : Wording.bytes(rawBytes),
                isCommitted() ? Wording.bytes(storedBytes) : "-",
                isCommitted() ? Wording.ratio(storedBytes, rawBytes) : "-",
                Wording.time(createdAtMillis),
                reason.length() <= REASON_MAX ? reason : reason.substring(0, REASON_MAX) + "… (moorage show)");
    }

    ObjectNode json(ObjectNode object) {
        object.put("step", step.value());
        state.ifPresent(known -> object.put("state", known.name()));
        object.put("attempt", attempt)
                .put("run", run)
                .put("world_size", worldSize)
                .put("raw_bytes", rawBytes)
                .put("stored_bytes", storedBytes)
                .put("verification", verification.name());
        if (createdAtMillis > 0) {
            object.put("created_at", Instant.ofEpochMilli(createdAtMillis).toString());
        }
        if (!reason.isEmpty()) {
            object.put("reason", reason);
        }
        return object;
    }
}
