package dev.moorage.node;

import com.typesafe.config.Config;
import dev.moorage.client.command.Terminal;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.worker.WorkerNode;
import dev.moorage.worker.WorkerSettings;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code moorage worker}: the daemon of a training host. */
@Command(
        name = "worker",
        mixinStandardHelpOptions = true,
        description = {
            "Runs the worker of this host: it takes the state of the ranks here and moves it to and from the store.",
            "Start it again under the same name after a crash: it goes on with what is staged."
        })
final class WorkerCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private DaemonOptions options;

    @Option(names = "--name", paramLabel = "NAME", description = "Of this worker, the same over restarts.")
    private String name;

    @Option(
            names = "--staging-dir",
            paramLabel = "DIR",
            description = "Where staged state lies in memory, and the socket for the ranks.")
    private String stagingDir;

    WorkerCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Map<String, Object> said = new HashMap<>();
        if (name != null) {
            said.put("moorage.worker.name", name);
        }
        if (stagingDir != null) {
            said.put("moorage.worker.staging-dir", stagingDir);
        }
        Config config = options.configuration(said);
        NodeSettings settings = NodeSettings.from(config);
        if (settings.seeds().isEmpty()) {
            throw CheckpointException.invalid(
                    "a worker joins the cluster of a coordinator: name one with --seed HOST:PORT"
                            + " (what the coordinator prints after \"cluster\") or with moorage.cluster.seeds");
        }
        WorkerSettings own = Configuration.checked(config, WorkerSettings::from);
        new Daemon(terminal, ClusterMember.WORKER, settings, options.readyFile()).run(config, (system, store) -> {
            WorkerNode node = WorkerNode.start(system, own, store);
            Map<String, String> facts = new LinkedHashMap<>();
            facts.put("worker", own.name().value());
            node.socket().ifPresent(socket -> facts.put("socket", socket.toString()));
            return new Daemon.Part(node, facts);
        });
        return 0;
    }
}
