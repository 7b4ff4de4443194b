package dev.moorage.node;

import com.typesafe.config.Config;
import dev.moorage.client.command.Terminal;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.storage.ObjectStore;
import dev.moorage.storage.Stores;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code moorage up}: an embedded cluster that others can reach, until Ctrl-C. */
@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        description =
                "Runs a coordinator and workers in one process until Ctrl-C, for one host and for trying things out.")
final class UpCommand implements Callable<Integer> {
    private static final String STORE_DEFAULT = "moorage-store";

    private final Terminal terminal;

    @Option(
            names = "--store",
            paramLabel = "URI",
            description =
                    "Where checkpoints are kept. Default: MOORAGE_STORE, moorage.store, else ./" + STORE_DEFAULT + ".")
    private String store;

    @Option(names = "--workers", paramLabel = "N", defaultValue = "2", description = "How many workers. Default: 2.")
    private int workers;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:7070",
            description = "Where clients reach it. Default: 127.0.0.1:7070; port 0 takes a free one.")
    private String listen;

    @Option(names = "--insecure", description = "Permit an address other than loopback although there is no TLS.")
    private boolean insecure;

    @Option(names = "--config", paramLabel = "FILE", description = "Configuration; without it conf/moorage.conf.")
    private Path file;

    @Option(names = "--ready-file", paramLabel = "FILE", description = "Written once it is ready: lines of key=value.")
    private Path readyFile;

    UpCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        Map<String, Object> said = new HashMap<>();
        HostPort.parse("--listen", listen);
        said.put("moorage.coordinator.listen", listen);
        if (insecure) {
            said.put("moorage.insecure", true);
        }
        Config config = Configuration.load(Optional.ofNullable(file), said);
        String uri = storeUri(config);
        ObjectStore opened = Stores.openForWriting(uri);
        EmbeddedCluster cluster = EmbeddedCluster.start(config, opened, workers, EmbeddedCluster.Doors.SOCKETS);
        cluster.endsCleanly();
        sayReady(cluster, uri);
        cluster.awaitEnd().ifPresent(reason -> {
            throw CheckpointException.unavailable("the cluster ended (" + reason + "); start it again");
        });
        return 0;
    }

    private void sayReady(EmbeddedCluster cluster, String uri) {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("endpoint", cluster.endpoint());
        facts.put("store", uri);
        facts.put("pid", Long.toString(ProcessHandle.current().pid()));
        Optional.ofNullable(readyFile).ifPresent(path -> ReadyFile.write(path, facts));
        terminal.out()
                .println("moorage up: endpoint " + cluster.endpoint() + ", " + workers + " workers, store " + uri);
        terminal.out().println("  in another terminal:  export MOORAGE_ENDPOINT=" + cluster.endpoint());
        terminal.out().println("                        moorage save my-job 1 --from DIR");
        terminal.out().println("  Ctrl-C ends it.");
        terminal.out().flush();
    }

    private String storeUri(Config config) {
        return Optional.ofNullable(store)
                .or(() -> terminal.variable("MOORAGE_STORE"))
                .or(() -> Optional.of(config.getString("moorage.store")).filter(uri -> !uri.isBlank()))
                .orElse(STORE_DEFAULT);
    }
}
