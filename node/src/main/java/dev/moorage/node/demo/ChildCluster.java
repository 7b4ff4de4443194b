package dev.moorage.node.demo;

import dev.moorage.node.local.PrivateFolder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One coordinator and some workers as child JVMs that form a cluster on loopback. However this process ends, they end before
 * it, and their scratch folder goes: what {@link #close} does is also done by a shutdown hook.
 */
final class ChildCluster implements AutoCloseable {
    private final String store;
    private final PrivateFolder scratch;
    private final Path logs;
    private final List<Child> workers = new ArrayList<>();
    private final Thread hook = new Thread(this::endAll, "moorage-demo-children");
    private Child coordinator;
    private String endpoint = "";
    private String seed = "";
    private boolean ended;

    /**
     * @param store URI that all share
     * @param scratch a private folder in shared memory, which this owns from now on
     */
    ChildCluster(String store, PrivateFolder scratch, Path logs) {
        this.store = store;
        this.scratch = scratch;
        this.logs = logs;
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** Starts all and waits until each is a member. */
    void start(int count) throws InterruptedException {
        coordinator = started(
                "coordinator",
                List.of("coordinator", "--store", store, "--listen", "127.0.0.1:0", "--cluster", "127.0.0.1:0"));
        Map<String, String> facts = coordinator.awaitReady();
        endpoint = facts.get("endpoint");
        seed = facts.get("cluster");
        for (int i = 0; i < count; i++) {
            workers.add(startWorker(i));
        }
        for (Child worker : workers) {
            worker.awaitReady();
        }
    }

    private Child startWorker(int number) {
        String name = "worker-" + number;
        return started(
                name,
                List.of(
                        "worker",
                        "--name",
                        name,
                        "--store",
                        store,
                        "--seed",
                        seed,
                        "--staging-dir",
                        scratch.path().toString()));
    }

    private synchronized Child started(String name, List<String> arguments) {
        if (ended) {
            throw new IllegalStateException("the demo is ending");
        }
        return Child.start(name, arguments, scratch.path(), logs);
    }

    /** Where clients reach the coordinator. */
    String endpoint() {
        return endpoint;
    }

    int workers() {
        return workers.size();
    }

    /** Kills a worker without warning; the answer is the process id that it had. */
    long kill(int number) throws InterruptedException {
        Child victim = workers.get(number);
        victim.kill();
        return victim.pid();
    }

    /** Starts a killed worker again under its name, as a supervisor would. Does not wait for it. */
    void restart(int number) {
        workers.set(number, startWorker(number));
    }

    /** Waits until a restarted worker is a member again. */
    void awaitReady(int number) throws InterruptedException {
        workers.get(number).awaitReady();
    }

    private synchronized void endAll() {
        ended = true;
        List<Child> all = new ArrayList<>(workers);
        if (coordinator != null) {
            all.add(coordinator);
        }
        all.forEach(Child::terminate);
        all.forEach(Child::awaitEnd);
        scratch.close();
    }

    @Override
    public void close() {
        endAll();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException endingAlready) {
            // The hook runs, or has run: there is nothing left to end.
        }
    }
}
