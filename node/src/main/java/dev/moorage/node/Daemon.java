package dev.moorage.node;

import com.typesafe.config.Config;
import dev.moorage.client.command.Terminal;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.storage.ObjectStore;
import dev.moorage.storage.Stores;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.pekko.actor.typed.ActorSystem;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One daemon in this process, from its start to its end: opens the store, becomes a member, starts its part, says that it is
 * ready, and waits. SIGTERM and SIGINT make it leave in order: its doors close, it leaves the cluster, the process ends.
 */
final class Daemon {
    private static final Logger LOG = LoggerFactory.getLogger(Daemon.class);
    private static final Duration JOIN_WITHIN = Duration.ofMinutes(5);

    /** Starts what the daemon is for, in an actor system that has not joined yet. */
    interface Start {
        Part start(ActorSystem<?> system, ObjectStore store);
    }

    /**
     * What was started.
     *
     * @param facts for the ready line and file
     * @param bugs where it tells of a bug that ends it
     */
    record Part(AutoCloseable running, Map<String, String> facts, Bugs bugs) {}

    /** Has somebody told of a bug that ends what runs. */
    interface Bugs {
        /** For what does not end by one. */
        Bugs NONE = hearer -> {};

        void on(Consumer<Throwable> hearer);
    }

    private final Terminal terminal;
    private final String role;
    private final NodeSettings settings;
    private final Optional<Path> readyFile;

    Daemon(Terminal terminal, String role, NodeSettings settings, Optional<Path> readyFile) {
        this.terminal = terminal;
        this.role = role;
        this.settings = settings;
        this.readyFile = readyFile;
    }

    /**
     * Runs until the node has left the cluster.
     *
     * @throws CheckpointException UNAVAILABLE when the cluster removed it: start it again
     * @throws IllegalStateException when a bug ended what it ran: whoever watches over the process starts it again
     */
    void run(Config config, Start start) {
        if (settings.insecure()) {
            LOG.warn("insecure is on: addresses other than loopback are permitted without TLS; whoever reaches them can"
                    + " read, write and end everything here");
        }
        ObjectStore store = Stores.openForWriting(settings.store());
        ClusterMember member = ClusterMember.start(config, settings.bind(), Set.of(role));
        AtomicReference<Throwable> bug = new AtomicReference<>();
        try {
            member.endsCleanly();
            member.closesLast("the store", store);
            Part part = start.start(member.system(), store);
            part.bugs().on(found -> {
                bug.set(found);
                member.close();
            });
            member.closesBeforeLeaving("the " + role, part.running());
            if (settings.seeds().isEmpty()) {
                LOG.info("no seeds are configured: this node begins a new cluster");
                member.begin();
            } else {
                member.join(settings.seeds());
            }
            member.awaitUp(JOIN_WITHIN);
            sayReady(member, part);
        } catch (RuntimeException failure) {
            member.close();
            throw failure;
        }
        Optional<String> end = member.awaitEnd();
        if (bug.get() != null) {
            throw new IllegalStateException("the " + role + " stopped by " + bug.get(), bug.get());
        }
        end.ifPresent(reason -> {
            throw CheckpointException.unavailable(
                    "this " + role + " left the cluster (" + reason + "); start it again to have it join anew");
        });
    }

    private void sayReady(ClusterMember member, Part part) {
        Map<String, String> facts = new LinkedHashMap<>(part.facts());
        facts.put("cluster", member.address().toString());
        facts.put("store", settings.store());
        facts.put("pid", Long.toString(ProcessHandle.current().pid()));
        readyFile.ifPresent(file -> ReadyFile.write(file, facts));
        terminal.out()
                .println("moorage " + role + " ready: "
                        + facts.entrySet().stream()
                                .map(fact -> fact.getKey() + " " + fact.getValue())
                                .collect(Collectors.joining(", ")));
        terminal.out().flush();
    }
}
