package dev.moorage.client.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moorage.client.Endpoints;
import dev.moorage.client.MoorageClient;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.v1.SaveStatus;
import dev.moorage.protocol.v1.WorkerInfo;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "status", description = "Says how the cluster, a job or a step stands now.")
final class StatusCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private Where where;

    @Parameters(index = "0", paramLabel = "JOB", arity = "0..1", description = "Only this job.")
    private String job;

    @Parameters(index = "1", paramLabel = "STEP", arity = "0..1", description = "Only this step.")
    private String step;

    StatusCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Optional<JobName> name = Optional.ofNullable(job).map(JobName::new);
        if (step != null) {
            statusOfStep(name.orElseThrow());
            return 0;
        }
        try (Library library = where.library(terminal)) {
            List<JobName> jobs = name.map(List::of)
                    .orElseGet(() -> library.jobs().stream().map(JobName::new).toList());
            List<JobOverview> overviews = jobs.stream()
                    .map(one -> JobOverview.of(one, library.checkpoints(one)))
                    .toList();
            ObjectNode object = Json.object();
            if (name.isEmpty()) {
                statusOfCluster(object);
            }
            if (where.isJson()) {
                ArrayNode list = object.putArray("jobs");
                overviews.forEach(overview -> overview.json(list.addObject()));
                Json.print(terminal, object);
            } else {
                print(overviews);
            }
        }
        return 0;
    }

    private void print(List<JobOverview> overviews) {
        Table table = JobOverview.table();
        overviews.forEach(overview -> overview.addTo(table));
        if (table.isEmpty()) {
            terminal.remark("no jobs here yet");
        } else {
            table.print(terminal);
        }
    }

    private void statusOfCluster(ObjectNode object) {
        Optional<Endpoints> endpoints = where.endpoint(terminal);
        if (endpoints.isEmpty()) {
            return;
        }
        try (MoorageClient client = where.connect(terminal, "status")) {
            List<WorkerInfo> workers = client.listWorkers();
            long ranks =
                    workers.stream().mapToLong(WorkerInfo::getAttachedRanks).sum();
            long staged = workers.stream().mapToLong(WorkerInfo::getStagedBytes).sum();
            long budget =
                    workers.stream().mapToLong(WorkerInfo::getStagingBytesMax).sum();
            object.put("endpoint", endpoints.get().toString())
                    .put("workers", workers.size())
                    .put("attached_ranks", ranks)
                    .put("staged_bytes", staged)
                    .put("staging_bytes_max", budget);
            if (!where.isJson()) {
                terminal.out().println("cluster  " + endpoints.get());
                terminal.out()
                        .println("workers  " + workers.size() + ", " + Wording.count(ranks, "rank") + " attached, "
                                + Wording.bytes(staged) + " of " + Wording.bytes(budget) + " staged");
                terminal.out().println();
            }
        }
    }

    private void statusOfStep(JobName name) {
        if (where.endpoint(terminal).isPresent()) {
            try (MoorageClient client = where.connect(terminal, "status")) {
                SaveStatus save = client.saveStatus(name, Step.parse(step));
                if (where.isJson()) {
                    Json.print(terminal, SaveReport.json(save));
                } else {
                    terminal.out().println(SaveReport.line(save));
                }
            }
            return;
        }
        try (Library library = where.library(terminal)) {
            Row row = library.details(name, Step.parse(step)).row();
            if (where.isJson()) {
                Json.print(terminal, row.json(Json.object().put("job", name.value())));
            } else {
                Table table = Row.table();
                row.addTo(table);
                table.print(terminal);
            }
        }
    }
}
