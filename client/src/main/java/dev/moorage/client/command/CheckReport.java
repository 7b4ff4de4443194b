package dev.moorage.client.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerificationStatus;
import dev.moorage.protocol.record.Finding;
import java.util.List;
import java.util.Optional;

/**
 * What a verification found.
 *
 * @param number of the verdict on the store; 0 if it was not written
 * @param bytesRead from the store; 0 where a cluster did it
 * @param status of the checkpoint from all of its verdicts
 */
record CheckReport(
        JobName job,
        Step step,
        String depth,
        VerdictResult result,
        int shards,
        long bytesRead,
        int number,
        Optional<Boolean> independentReader,
        String proven,
        VerificationStatus status,
        List<Finding> findings) {
    CheckReport {
        findings = List.copyOf(findings);
    }

    int exitStatus() {
        return switch (result) {
            case GOOD -> 0;
            case CORRUPT -> FailureKind.CORRUPT.exitStatus();
            case INCOMPLETE -> FailureKind.UNAVAILABLE.exitStatus();
        };
    }

    private Colour colour() {
        return switch (result) {
            case GOOD -> Colour.GOOD;
            case CORRUPT -> Colour.BAD;
            case INCOMPLETE -> Colour.WARNING;
        };
    }

    void print(Terminal terminal) {
        String summary = "job " + job + " step " + step + ": "
                + colour().paint(result.name(), terminal.isOutColoured()) + ", " + Wording.count(shards, "shard")
                + " at depth " + depth;
        terminal.out().println(summary + (proven.isEmpty() ? "" : " (" + proven + ")"));
        if (!findings.isEmpty()) {
            Table table = new Table(">RANK", ">CHUNK", "RESULT", "FINDING");
            findings.forEach(finding -> table.row(
                    finding.shard().toString().replaceFirst("^rank ", ""),
                    finding.chunk().isPresent() ? finding.chunk().getAsInt() : "-",
                    new Table.Cell(finding.result().name(), colour()),
                    finding.message()));
            table.print(terminal);
        }
        terminal.remark(
                number > 0
                        ? "verdict " + number + " is recorded; the checkpoint is now " + status
                        : "not recorded; --record writes the verdict beside the manifest");
    }

    ObjectNode json() {
        ObjectNode object = Json.object();
        object.put("job", job.value())
                .put("step", step.value())
                .put("depth", depth)
                .put("result", result.name())
                .put("shards", shards)
                .put("bytes_read", bytesRead)
                .put("verdict", number)
                .put("status", status.name());
        independentReader.ifPresent(value -> object.put("independent_reader", value));
        if (!proven.isEmpty()) {
            object.put("proven", proven);
        }
        ArrayNode list = object.putArray("findings");
        for (Finding finding : findings) {
            ObjectNode one = list.addObject()
                    .put("rank", finding.shard().rank().value())
                    .put("kind", finding.shard().kind().name())
                    .put("result", finding.result().name());
            finding.chunk().ifPresent(chunk -> one.put("chunk", chunk));
            one.put("message", finding.message());
        }
        return object;
    }
}
