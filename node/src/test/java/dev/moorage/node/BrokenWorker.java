package dev.moorage.node;

import com.typesafe.config.Config;
import dev.moorage.client.command.CommandRunner;
import dev.moorage.client.command.Terminal;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.WorldSize;
import dev.moorage.worker.WorkerNode;
import dev.moorage.worker.WorkerSettings;
import dev.moorage.worker.core.Attachment;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** A worker's daemon whose actor meets a bug as soon as a rank attaches; one does. */
@Command(name = "broken")
final class BrokenWorker implements Callable<Integer> {
    @Mixin
    private DaemonOptions options;

    @CommandLine.Option(names = "--staging-dir")
    private String stagingDir;

    public static void main(String[] args) {
        System.exit(CommandRunner.run(new CommandLine(new BrokenWorker()), Terminal.ofProcess(), args));
    }

    @Override
    public Integer call() {
        Config config = options.configuration(
                Map.of("moorage.worker.name", "broken", "moorage.worker.staging-dir", stagingDir));
        WorkerSettings own = Configuration.checked(config, WorkerSettings::from);
        new Daemon(Terminal.ofProcess(), ClusterMember.WORKER, NodeSettings.from(config), options.readyFile())
                .run(config, (system, store) -> {
                    WorkerNode node = WorkerNode.start(system, own, store, message -> {
                        throw new IllegalStateException("a bug for this test");
                    });
                    new Thread(() -> attach(node)).start();
                    return new Daemon.Part(node, Map.of(), node::onBug);
                });
        return 0;
    }

    private static void attach(WorkerNode node) {
        try {
            node.host()
                    .attach(new Attachment(
                            new JobName("job"),
                            new RunToken("t"),
                            new Rank(0),
                            new WorldSize(1),
                            Optional.empty(),
                            Optional.empty(),
                            Optional.empty(),
                            0));
        } catch (RuntimeException refused) {
            Terminal.ofProcess().out().println("the rank hears: " + refused.getMessage());
        }
    }
}
