package dev.moorage.client.command;

import dev.moorage.client.MoorageClient;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.v1.SaveStatus;
import dev.moorage.protocol.v1.State;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
        name = "cancel",
        description = {"Aborts the open save of a step.", "Exit status 0 if it is aborted, 4 if the commit came first."
        })
final class CancelCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private Where where;

    @Parameters(index = "0", paramLabel = "JOB", description = "The job.")
    private String job;

    @Parameters(index = "1", paramLabel = "STEP", description = "The step.")
    private String step;

    CancelCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        JobName name = new JobName(job);
        try (MoorageClient client = where.connect(terminal, "cancel")) {
            SaveStatus outcome = client.cancel(name, Step.parse(step));
            if (where.isJson()) {
                Json.print(terminal, SaveReport.json(outcome));
            } else {
                terminal.out().println(SaveReport.line(outcome));
            }
            return outcome.getState() == State.STATE_COMMITTED ? FailureKind.UNAVAILABLE.exitStatus() : 0;
        }
    }
}
