package dev.moorage.node;

import com.typesafe.config.Config;
import dev.moorage.protocol.CheckpointException;
import java.util.List;

/**
 * What a node itself is told; coordinator and worker have settings of their own.
 *
 * @param store URI of the store, never empty
 * @param insecure whether addresses other than loopback are permitted without TLS
 * @param bind where this node listens for the other nodes; port 0 takes a free one
 * @param seeds nodes to join, in the order in which they are asked
 */
record NodeSettings(String store, boolean insecure, HostPort bind, List<HostPort> seeds) {
    NodeSettings {
        if (store.isBlank()) {
            throw CheckpointException.invalid(
                    "moorage.store is not set: name the store with --store URI or with store = \"file:///data\" in"
                            + " conf/moorage.conf");
        }
        if (bind.isWildcard()) {
            throw CheckpointException.invalid("moorage.cluster.bind is " + bind
                    + ", which other nodes cannot connect to: name the address under which they reach this host");
        }
        permitted("moorage.cluster.bind", bind, insecure);
        for (HostPort seed : seeds) {
            if (seed.port() == 0) {
                throw CheckpointException.invalid(
                        "moorage.cluster.seeds names " + seed + ": a seed needs the port that it really listens on");
            }
        }
        seeds = List.copyOf(seeds);
    }

    /** Reads the keys {@code moorage.store}, {@code moorage.insecure} and {@code moorage.cluster}. */
    static NodeSettings from(Config root) {
        return Configuration.checked(
                root,
                config -> new NodeSettings(
                        config.getString("moorage.store"),
                        config.getBoolean("moorage.insecure"),
                        HostPort.parse("moorage.cluster.bind", config.getString("moorage.cluster.bind")),
                        config.getStringList("moorage.cluster.seeds").stream()
                                .map(seed -> HostPort.parse("each of moorage.cluster.seeds", seed))
                                .toList()));
    }

    /** Refuses an address that others reach unless that was asked for. */
    static void permitted(String key, HostPort address, boolean insecure) {
        if (!insecure && !address.isLoopback()) {
            throw CheckpointException.invalid(key + " is " + address
                    + ", which other hosts reach, and there is no TLS: whoever reaches it could do everything. Use a"
                    + " loopback address, or say --insecure (moorage.insecure = on) on a network that you trust");
        }
    }
}
