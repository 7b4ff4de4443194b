package dev.moorage.node;

import com.typesafe.config.Config;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** What all commands that start a daemon may be told. Each option is stronger than the configuration file. */
final class DaemonOptions {
    @Option(
            names = "--config",
            paramLabel = "FILE",
            description = "Configuration; without it conf/moorage.conf of the distribution.")
    private Path config;

    @Option(names = "--store", paramLabel = "URI", description = "Where checkpoints are kept: file:///data or a path.")
    private String store;

    @Option(
            names = "--cluster",
            paramLabel = "HOST:PORT",
            description = "Where this node listens for the other nodes. Port 0 takes a free one.")
    private String cluster;

    @Option(
            names = "--seed",
            paramLabel = "HOST:PORT",
            description = "A node to join; may be repeated, coordinators first, the same list on all nodes.")
    private List<String> seeds = List.of();

    @Option(
            names = "--insecure",
            description = "Permit addresses other than loopback although there is no TLS: whoever reaches them can do"
                    + " everything.")
    private boolean insecure;

    @Option(
            names = "--ready-file",
            paramLabel = "FILE",
            description = "Written once this node is ready: lines of key=value with its addresses, for scripts.")
    private Path readyFile;

    /**
     * The whole configuration.
     *
     * @param more keys and values of the command's own options
     */
    Config configuration(Map<String, ?> more) {
        Map<String, Object> said = new HashMap<>(more);
        Optional.ofNullable(store).ifPresent(value -> said.put("moorage.store", value));
        Optional.ofNullable(cluster).ifPresent(value -> said.put("moorage.cluster.bind", value));
        if (!seeds.isEmpty()) {
            said.put("moorage.cluster.seeds", seeds);
        }
        if (insecure) {
            said.put("moorage.insecure", true);
        }
        return Configuration.load(Optional.ofNullable(config), said);
    }

    /** Where to say that the node is ready. */
    Optional<Path> readyFile() {
        return Optional.ofNullable(readyFile);
    }
}
