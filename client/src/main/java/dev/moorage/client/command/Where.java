package dev.moorage.client.command;

import dev.moorage.client.ClientSettings;
import dev.moorage.client.Endpoints;
import dev.moorage.client.MoorageClient;
import dev.moorage.protocol.CheckpointException;
import java.util.Optional;
import picocli.CommandLine.Option;

/**
 * Whom a command asks: a cluster, or a store without one. What is named on the command line wins over the environment;
 * named side by side, the cluster answers questions and the store gives the bytes.
 */
public final class Where {
    @Option(
            names = "--endpoint",
            paramLabel = "HOST:PORT",
            description = {
                "A coordinator of the cluster; several with commas between.",
                "Default: the environment variable MOORAGE_ENDPOINT."
            })
    private String endpoint;

    @Option(
            names = "--store",
            paramLabel = "URI",
            description = {
                "The store: a path or file:///PATH, read without a cluster.",
                "Default: the environment variable MOORAGE_STORE."
            })
    private String store;

    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            description = "Shows this help.")
    @SuppressWarnings("unused") // picocli looks at the option, not at the field.
    private boolean help;

    @Option(names = "--json", description = "One JSON object on standard output.")
    private boolean json;

    /** Whether the result is wanted as JSON. */
    public boolean isJson() {
        return json;
    }

    /** The cluster to ask; empty when only a store is named, or when a store is named more strongly. */
    public Optional<Endpoints> endpoint(Terminal terminal) {
        if (endpoint != null) {
            return Optional.of(Endpoints.parse(endpoint));
        }
        return store != null
                ? Optional.empty()
                : terminal.variable("MOORAGE_ENDPOINT").map(Endpoints::parse);
    }

    /** The store to read; empty when none is named. */
    public Optional<String> store(Terminal terminal) {
        return store != null ? Optional.of(store) : terminal.variable("MOORAGE_STORE");
    }

    /**
     * A client of the cluster.
     *
     * @param what needs it, for the message
     * @throws CheckpointException INVALID if no endpoint is named
     */
    public MoorageClient connect(Terminal terminal, String what) {
        Endpoints endpoints = endpoint(terminal)
                .orElseThrow(() -> CheckpointException.invalid(
                        what + " asks a running cluster: name one with --endpoint HOST:PORT or MOORAGE_ENDPOINT"));
        return MoorageClient.connect(endpoints, ClientSettings.DEFAULT);
    }

    /**
     * The store to read in this process.
     *
     * @param what needs it, for the message
     * @throws CheckpointException INVALID if no store is named
     */
    public String needStore(Terminal terminal, String what) {
        return store(terminal)
                .orElseThrow(() -> CheckpointException.invalid(
                        what + " reads the store in its own process: name it with --store URI or MOORAGE_STORE"));
    }

    /** What answers questions: the cluster if one is named, else the store. */
    Library library(Terminal terminal) {
        Optional<Endpoints> cluster = endpoint(terminal);
        if (cluster.isPresent()) {
            return new ClusterLibrary(MoorageClient.connect(cluster.get(), ClientSettings.DEFAULT));
        }
        return StoreLibrary.open(store(terminal)
                .orElseThrow(() -> CheckpointException.invalid("where to look? Name a store with --store URI (or"
                        + " MOORAGE_STORE), or a cluster with --endpoint HOST:PORT (or MOORAGE_ENDPOINT)")));
    }
}
