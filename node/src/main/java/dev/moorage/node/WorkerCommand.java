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

    @Option(
            names = "--max-upload",
            paramLabel = "RATE",
            description = "Most bytes a second of this host to the store, as in 2GB/s or 500MiB/s.")
    private String maxUpload;

    @Option(
            names = "--max-read",
            paramLabel = "RATE",
            description = "Most bytes a second of this host from the store, loads and verifications together.")
    private String maxRead;

    WorkerCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Map<String, Object> said = new HashMap<>();
        say(said, "name", name);
        say(said, "staging-dir", stagingDir);
        say(said, "max-upload", maxUpload);
        say(said, "max-read", maxRead);
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
            return new Daemon.Part(node, facts, node::onBug);
        });
        return 0;
    }

    private static void say(Map<String, Object> said, String key, String value) {
        if (value != null) {
            said.put("moorage.worker." + key, value);
        }
    }
}
