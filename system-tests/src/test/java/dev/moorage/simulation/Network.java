package dev.moorage.simulation;

import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToWorker;
import java.util.List;
import java.util.function.Consumer;

/** Carries messages: some never, some twice, some much later than others. */
final class Network {
    private final World world;

    Network(World world) {
        this.world = world;
    }

    void toCoordinator(ToCoordinator.FromWorker message) {
        carry(() -> route().forEach(to -> to.hear(message)));
    }

    void toWorker(Incarnation to, ToWorker.FromCoordinator message) {
        carry(() -> world.hosts.forEach(host -> host.life(to).ifPresent(worker -> worker.hear(message))));
    }

    void toEveryWorker(ToWorker.FromCoordinator message) {
        carry(() -> world.hosts.forEach(host -> host.daemon().ifPresent(worker -> worker.hear(message))));
    }

    void toWorkers(ToWorker.FromCoordinator message) {
        world.hosts.forEach(host -> carry(() -> host.daemon().ifPresent(worker -> worker.hear(message))));
    }

    void ask(ToCoordinator.Question question, Consumer<Answer> reply) {
        carry(() -> route().forEach(to -> to.ask(question, reply)));
    }

    void toClient(Runnable delivery) {
        carry(delivery);
    }

    /** The coordinator that a message goes to: nobody knows better than that it is one of those that live. */
    private List<CoordinatorProcess> route() {
        List<CoordinatorProcess> living =
                world.coordinators.stream().filter(SimulatedProcess::isAlive).toList();
        if (living.isEmpty()) {
            return living;
        }
        return List.of(world.faults().deaths().split() ? world.chance.oneOf(living) : living.get(living.size() - 1));
    }

    private void carry(Runnable delivery) {
        Plan.Network faults = world.faults().network();
        if (world.chance.of(faults.loss())) {
            world.cover(Covered.MESSAGE_LOST);
            return;
        }
        deliver(delivery, faults);
        if (world.chance.of(faults.repeat())) {
            world.cover(Covered.MESSAGE_REPEATED);
            deliver(delivery, faults);
        }
    }

    private void deliver(Runnable delivery, Plan.Network faults) {
        boolean late = world.chance.of(faults.late());
        if (late) {
            world.cover(Covered.MESSAGE_LATE);
        }
        world.timeline.after(
                late ? world.chance.between(20, faults.lateMillis()) : world.chance.between(1, 20), delivery);
    }
}
