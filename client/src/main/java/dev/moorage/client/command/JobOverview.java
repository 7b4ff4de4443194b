package dev.moorage.client.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerificationStatus;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** A job in one line: how many checkpoints, which is the newest, which the newest that is proved, what is open. */
record JobOverview(JobName job, int committed, Optional<Step> latest, Optional<Step> verified, List<Row> open) {

    /** @param rows newest first */
    static JobOverview of(JobName job, List<Row> rows) {
        return new JobOverview(
                job,
                (int) rows.stream().filter(Row::isCommitted).count(),
                first(rows, Row::isCommitted),
                first(rows, row -> row.isCommitted() && row.verification() == VerificationStatus.VERIFIED),
                rows.stream().filter(Row::isOpen).toList());
    }

    private static Optional<Step> first(List<Row> rows, Predicate<Row> wanted) {
        return rows.stream().filter(wanted).map(Row::step).findFirst();
    }

    static Table table() {
        return new Table("JOB", ">CHECKPOINTS", ">LATEST", ">VERIFIED", "OPEN");
    }

    void addTo(Table table) {
        table.row(
                job,
                committed,
                latest.map(Step::toString).orElse("-"),
                verified.map(Step::toString).orElse("-"),
                open.isEmpty()
                        ? "-"
                        : open.stream()
                                .map(row -> row.step() + " " + row.stateCell().text())
                                .collect(Collectors.joining(", ")));
    }

    void json(ObjectNode object) {
        object.put("job", job.value()).put("checkpoints", committed);
        latest.ifPresent(step -> object.put("latest", step.value()));
        verified.ifPresent(step -> object.put("latest_verified", step.value()));
        ArrayNode list = object.putArray("open");
        open.forEach(row -> list.addObject()
                .put("step", row.step().value())
                .put("state", row.stateCell().text()));
    }
}
