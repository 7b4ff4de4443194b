package dev.moorage.simulation;

import dev.moorage.checkpoint.ManifestLog;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.record.Intent;
import java.util.List;
import java.util.Optional;

/** Kills and stops processes: at random, and with preference right after a record has appeared. */
final class Misfortune {
    private static final double RIGHT_AFTER_A_RECORD = 0.15;

    private final World world;
    private int workerCrashes;
    private int coordinatorCrashes;
    private int pauses;
    private boolean abandons;

    Misfortune(World world) {
        this.world = world;
    }

    void plan() {
        Plan.Deaths deaths = world.plan.deaths();
        for (int i = 0; i < deaths.workerCrashes(); i++) {
            if (world.chance.of(0.5)) {
                workerCrashes++;
            } else {
                sometime(() -> crash(world.chance.oneOf(world.hosts)));
            }
        }
        for (int i = 0; i < deaths.coordinatorCrashes(); i++) {
            if (world.chance.of(0.7)) {
                coordinatorCrashes++;
            } else {
                sometime(this::crashCoordinator);
            }
        }
        for (int i = 0; i < deaths.coordinatorPauses(); i++) {
            if (world.chance.of(0.7)) {
                pauses++;
            } else {
                sometime(this::pauseCoordinator);
            }
        }
        if (deaths.workerGone()) {
            sometime(() -> world.chance.oneOf(world.hosts).vanish());
        }
        abandons = deaths.abandoned();
        if (deaths.split()) {
            sometime(world::startCoordinator);
        }
    }

    private void sometime(Runnable action) {
        world.timeline.after(world.chance.between(1_000, Plan.FAULTS_MILLIS - 1), action);
    }

    /** Something has just become durable: the best moment for a crash. */
    void recordAppeared() {
        if (world.isHealed()) {
            return;
        }
        if (workerCrashes > 0 && world.chance.of(RIGHT_AFTER_A_RECORD)) {
            workerCrashes--;
            soon(() -> crash(world.chance.oneOf(world.hosts)));
        }
        if (abandons && world.chance.of(RIGHT_AFTER_A_RECORD)) {
            abandons = false;
            soon(this::abandon);
        }
        if (coordinatorCrashes > 0 && world.chance.of(RIGHT_AFTER_A_RECORD)) {
            coordinatorCrashes--;
            soon(this::crashCoordinator);
        }
        if (pauses > 0 && world.chance.of(RIGHT_AFTER_A_RECORD)) {
            pauses--;
            soon(this::pauseCoordinator);
        }
    }

    private void soon(Runnable action) {
        world.timeline.after(world.chance.between(0, 300), () -> {
            if (!world.isHealed()) {
                action.run();
            }
        });
    }

    private void abandon() {
        if (!new ManifestLog(world.truth, () -> 0).openAttempts(World.JOB).isEmpty()) {
            world.cover(Covered.ABANDONED_WHILE_OPEN);
        }
        world.hosts.forEach(Host::vanish);
        world.coordinators.stream().filter(SimulatedProcess::isAlive).toList().forEach(this::crash);
    }

    private Optional<CoordinatorProcess> newest() {
        return world.coordinators.stream().filter(SimulatedProcess::isAlive).reduce((older, newer) -> newer);
    }

    private void crashCoordinator() {
        newest().ifPresent(this::crash);
    }

    void crash(SimulatedProcess process) {
        if (process.isAlive()) {
            world.cover(Covered.CRASHED_IN_A_STORE_CALL);
        }
        if (process instanceof CoordinatorProcess coordinator) {
            crash(coordinator);
        } else {
            world.hosts.stream()
                    .filter(host -> host.daemon().equals(Optional.of(process)))
                    .forEach(this::crash);
        }
    }

    private void crash(Host host) {
        if (host.daemon().isPresent()) {
            world.cover(Covered.WORKER_CRASHED);
            host.crash();
            world.timeline.after(
                    world.chance.of(0.2) ? world.chance.between(60_000, 120_000) : world.chance.between(500, 30_000),
                    host::start);
        }
    }

    private void crash(CoordinatorProcess coordinator) {
        if (coordinator.isAlive()) {
            world.cover(Covered.COORDINATOR_CRASHED);
            world.cover(phase());
            coordinator.die();
            succeed(world.chance.between(500, 30_000));
        }
    }

    /** A successor starts, unless there is another coordinator that is awake by then. */
    private void succeed(long millis) {
        world.timeline.after(millis, () -> {
            if (world.coordinators.stream().noneMatch(one -> one.isAlive() && !one.isPaused())) {
                world.startCoordinator();
            }
        });
    }

    private void pauseCoordinator() {
        newest().filter(one -> !one.isPaused()).ifPresent(coordinator -> {
            world.cover(Covered.COORDINATOR_PAUSED);
            long until = world.timeline.now() + world.chance.between(3_000, 120_000);
            coordinator.pauseUntil(until);
            succeed(world.chance.between(5_000, 30_000));
            world.timeline.after(until - world.timeline.now(), () -> {
                boolean replaced = newest().filter(one -> one != coordinator).isPresent();
                if (coordinator.isAlive() && replaced) {
                    world.cover(Covered.ZOMBIE_WOKE);
                    world.timeline.after(world.chance.between(1_000, 60_000), () -> {
                        if (coordinator.isAlive() && !world.isHealed()) {
                            coordinator.die();
                        }
                    });
                }
            });
        });
    }

    /** How far the furthest open attempt is. */
    private Covered phase() {
        ManifestLog log = new ManifestLog(world.truth, () -> 0);
        List<CheckpointId> open = log.openAttempts(World.JOB);
        Covered phase = Covered.COORDINATOR_CRASHED_WITH_NOTHING_OPEN;
        for (CheckpointId checkpoint : open) {
            Intent intent = log.attempts(checkpoint).stream()
                    .filter(view -> view.outcome().isEmpty())
                    .flatMap(view -> view.intent().stream())
                    .findFirst()
                    .orElseThrow();
            int parts = log.inventory(intent.attempt()).parts().size();
            if (parts == 0) {
                phase = Covered.COORDINATOR_CRASHED_BEFORE_ANY_PART;
            } else if (parts == intent.parts().size()) {
                return Covered.COORDINATOR_CRASHED_BEFORE_THE_OUTCOME;
            } else {
                return Covered.COORDINATOR_CRASHED_BETWEEN_PARTS;
            }
        }
        return phase;
    }
}
