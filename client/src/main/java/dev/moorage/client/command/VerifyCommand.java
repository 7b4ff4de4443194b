package dev.moorage.client.command;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.VerifyDepth;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "verify",
        description = {
            "Verifies a checkpoint: on the cluster's workers, or with --store in this process.",
            "Exit status 0 if all holds, 5 if something is corrupt, 4 if something could not be read."
        })
final class VerifyCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private Where where;

    @Mixin
    private JobStep target;

    @Option(
            names = "--depth",
            paramLabel = "DEPTH",
            defaultValue = "full",
            description = {
                "attest: sizes and the store's own sums, no byte is read;",
                "sample:P: a fraction P of the chunks is read back;",
                "full: every byte is read back. Default: full."
            })
    private String depth;

    @Option(names = "--ranks", paramLabel = "RANKS", defaultValue = "", description = "Only these, as 0-3,7.")
    private String ranks;

    @Option(
            names = "--record",
            description = "With --store: write the verdict beside the manifest. A cluster always does.")
    private boolean record;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "3600",
            description = "How long to wait for a cluster. Default: 3600.")
    private long timeoutSeconds;

    VerifyCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        JobName name = target.job();
        VerifyDepth wanted = VerifyDepth.parse(depth);
        RankSet only = RankSet.parse(ranks);
        if (wanted.kind() == VerifyDepth.Kind.NONE) {
            throw CheckpointException.invalid("depth none verifies nothing; take attest, sample:P or full");
        }
        if (timeoutSeconds < 1) {
            throw CheckpointException.invalid("--timeout must be positive, was " + timeoutSeconds);
        }
        try (Library library = where.library(terminal)) {
            Chosen chosen = library.choose(name, target.step());
            chosen.tell(terminal);
            CheckReport report;
            try (ProgressLine progress = new ProgressLine(terminal, "verify", 0)) {
                report = library.verify(
                        new CheckOrder(name, chosen.step(), wanted, only, record, Duration.ofSeconds(timeoutSeconds)),
                        progress);
            }
            if (where.isJson()) {
                Json.print(terminal, report.json());
            } else {
                report.print(terminal);
            }
            return report.exitStatus();
        }
    }
}
