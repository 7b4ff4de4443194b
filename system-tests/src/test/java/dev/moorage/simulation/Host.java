package dev.moorage.simulation;

import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.WorkerId;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A training host: a disk, one life of the daemon after the other, and the ranks that run there. */
final class Host {
    final Disk disk = new Disk();
    final List<RankProcess> ranks = new ArrayList<>();
    private final World world;
    private final WorkerId worker;
    private Optional<WorkerProcess> daemon = Optional.empty();
    private boolean gone;
    private int lives;

    Host(World world, WorkerId worker) {
        this.world = world;
        this.worker = worker;
    }

    WorkerId worker() {
        return worker;
    }

    /** The daemon, if it lives. */
    Optional<WorkerProcess> daemon() {
        return daemon.filter(SimulatedProcess::isAlive);
    }

    /** The daemon, if it lives and it is still this life. */
    Optional<WorkerProcess> life(Incarnation incarnation) {
        return daemon().filter(life -> life.incarnation().equals(incarnation));
    }

    boolean isGone() {
        return gone;
    }

    void start() {
        if (!gone && daemon().isEmpty()) {
            WorkerProcess fresh = new WorkerProcess(world, this, worker + "#" + ++lives);
            daemon = Optional.of(fresh);
            fresh.start();
        }
    }

    /** The daemon dies; the ranks notice and attach again later. */
    void crash() {
        daemon().ifPresent(life -> {
            life.die();
            ranks.forEach(RankProcess::daemonLost);
        });
    }

    /** The host is never seen again, nor what was staged there. */
    void vanish() {
        crash();
        gone = true;
        ranks.forEach(RankProcess::kill);
        world.cover(Covered.WORKER_GONE);
    }
}
