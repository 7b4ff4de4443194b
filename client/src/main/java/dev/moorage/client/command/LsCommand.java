package dev.moorage.client.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moorage.protocol.JobName;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "ls", description = "Lists the checkpoints of a job, newest step first; without a job, the jobs.")
final class LsCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private Where where;

    @Parameters(paramLabel = "JOB", arity = "0..1", description = "The job.")
    private String job;

    LsCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        JobName name = job == null ? null : new JobName(job);
        try (Library library = where.library(terminal)) {
            if (name == null) {
                printJobs(library.jobs());
            } else {
                printCheckpoints(name, library.checkpoints(name));
            }
        }
        return 0;
    }

    private void printJobs(List<String> jobs) {
        if (where.isJson()) {
            ObjectNode object = Json.object();
            ArrayNode list = object.putArray("jobs");
            jobs.forEach(list::add);
            Json.print(terminal, object);
        } else {
            jobs.forEach(terminal.out()::println);
            if (jobs.isEmpty()) {
                terminal.remark("no jobs here yet");
            }
        }
    }

    private void printCheckpoints(JobName name, List<Row> rows) {
        if (where.isJson()) {
            ObjectNode object = Json.object().put("job", name.value());
            ArrayNode list = object.putArray("checkpoints");
            rows.forEach(row -> row.json(list.addObject()));
            Json.print(terminal, object);
            return;
        }
        Table table = Row.table();
        rows.forEach(row -> row.addTo(table));
        table.print(terminal);
    }
}
