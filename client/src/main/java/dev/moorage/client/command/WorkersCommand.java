package dev.moorage.client.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moorage.client.MoorageClient;
import dev.moorage.protocol.v1.WorkerInfo;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "workers", description = "Lists the workers of the cluster.")
final class WorkersCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private Where where;

    WorkersCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        try (MoorageClient client = where.connect(terminal, "workers")) {
            List<WorkerInfo> workers = client.listWorkers().stream()
                    .sorted(Comparator.comparing(WorkerInfo::getWorker))
                    .toList();
            if (where.isJson()) {
                Json.print(terminal, json(workers));
            } else if (workers.isEmpty()) {
                terminal.remark("the cluster at " + client.endpoints() + " has no workers; start one: moorage worker");
            } else {
                print(workers);
            }
        }
        return 0;
    }

    private void print(List<WorkerInfo> workers) {
        Table table = new Table("WORKER", "HOST", ">RANKS", ">STAGED", ">BUDGET", "JOBS", "VERSION", "SOCKET");
        workers.forEach(worker -> table.row(
                worker.getWorker(),
                worker.getHost(),
                worker.getAttachedRanks(),
                Wording.bytes(worker.getStagedBytes()),
                Wording.bytes(worker.getStagingBytesMax()),
                worker.getJobsCount() == 0 ? "-" : String.join(",", worker.getJobsList()),
                worker.getVersion(),
                worker.getSocket().isEmpty() ? "-" : worker.getSocket()));
        table.print(terminal);
    }

    private static ObjectNode json(List<WorkerInfo> workers) {
        ObjectNode object = Json.object();
        ArrayNode list = object.putArray("workers");
        for (WorkerInfo worker : workers) {
            ObjectNode one = list.addObject()
                    .put("worker", worker.getWorker())
                    .put("incarnation", worker.getIncarnation())
                    .put("host", worker.getHost())
                    .put("socket", worker.getSocket())
                    .put("attached_ranks", worker.getAttachedRanks())
                    .put("staged_bytes", worker.getStagedBytes())
                    .put("staging_bytes_max", worker.getStagingBytesMax())
                    .put("version", worker.getVersion());
            ArrayNode jobs = one.putArray("jobs");
            worker.getJobsList().forEach(jobs::add);
        }
        return object;
    }
}
