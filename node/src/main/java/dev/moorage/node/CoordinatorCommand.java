package dev.moorage.node;

import com.typesafe.config.Config;
import dev.moorage.client.command.Terminal;
import dev.moorage.coordinator.CoordinatorNode;
import dev.moorage.coordinator.CoordinatorSettings;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code moorage coordinator}: one coordinator daemon. */
@Command(
        name = "coordinator",
        mixinStandardHelpOptions = true,
        description = {
            "Runs a coordinator: it decides about saves and answers clients.",
            "Run one, or three or five on different hosts with the same --seed list."
        })
final class CoordinatorCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private DaemonOptions options;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            description = "Where clients reach it. Port 0 takes a free one.")
    private String listen;

    CoordinatorCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Map<String, Object> said = new HashMap<>();
        if (listen != null) {
            HostPort.parse("--listen", listen);
            said.put("moorage.coordinator.listen", listen);
        }
        Config config = options.configuration(said);
        NodeSettings settings = NodeSettings.from(config);
        CoordinatorSettings own = Configuration.checked(config, CoordinatorSettings::from);
        new Daemon(terminal, ClusterMember.COORDINATOR, settings, options.readyFile()).run(config, (system, store) -> {
            CoordinatorNode node = CoordinatorNode.start(system, own, store);
            // A coordinator of a job that ends by a bug is started again by the next message for it.
            return new Daemon.Part(node, Map.of("endpoint", node.endpoint()), Daemon.Bugs.NONE);
        });
        return 0;
    }
}
