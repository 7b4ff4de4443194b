package dev.moorage.simulation;

import dev.moorage.coordinator.CoordinatorStore;
import dev.moorage.coordinator.StoreOperations;
import dev.moorage.coordinator.core.Effect;
import dev.moorage.coordinator.core.JobEvent;
import dev.moorage.coordinator.core.JobMachine;
import dev.moorage.coordinator.core.Marks;
import dev.moorage.coordinator.core.StoreOperation;
import dev.moorage.coordinator.core.StoreResult;
import dev.moorage.coordinator.core.Timings;
import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToWorker;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** One life of the job's coordinator: the real machine and the real store operations. */
final class CoordinatorProcess extends SimulatedProcess {
    private static final long TICK_MILLIS = 1_000;

    private record Posted(AttemptId attempt, PartNumber part) {}

    private final JobMachine machine;
    private final StoreOperations operations;
    private final Map<Long, Consumer<Answer>> tickets = new HashMap<>();
    private final Map<Posted, Incarnation> posted = new HashMap<>();
    private long numbered;

    CoordinatorProcess(World world, String name) {
        super(world, name);
        Timings usual = Timings.DEFAULT;
        Timings timings = new Timings(
                usual.lostMillis(),
                usual.returnMillis(),
                usual.rankMillis(),
                usual.stuckMillis(),
                usual.saveMillis(),
                usual.retryMillis(),
                usual.idleMillis(),
                world.plan.shape().retries());
        this.machine = new JobMachine(World.JOB, name, timings, new Marks() {
            @Override
            public Nonce nonce() {
                return new Nonce(world.chance.hex());
            }

            @Override
            public long createdAtMillis() {
                return world.timeline.now();
            }
        });
        this.operations = new StoreOperations(
                new CoordinatorStore(new ProcessStore(world, this), Duration.ofSeconds(1), world.timeline::now),
                World.JOB);
    }

    void start() {
        world.timeline.log(name + " starts");
        effects(machine.start(world.timeline.now()));
        tick();
    }

    private void tick() {
        after(TICK_MILLIS, () -> {
            on(new JobEvent.Tick());
            tick();
        });
    }

    void hear(ToCoordinator.FromWorker message) {
        after(0, () -> {
            world.timeline.log(name + " hears " + Words.of(message));
            on(new JobEvent.Heard(message));
        });
    }

    void ask(ToCoordinator.Question question, Consumer<Answer> reply) {
        after(0, () -> {
            long ticket = ++numbered;
            tickets.put(ticket, reply);
            world.timeline.log(name + " is asked " + Words.of(question));
            on(new JobEvent.Asked(ticket, question));
        });
    }

    private void on(JobEvent event) {
        effects(machine.on(event, world.timeline.now()));
    }

    private void effects(List<Effect> effects) {
        for (Effect effect : effects) {
            if (effect instanceof Effect.Tell tell) {
                tell(tell);
            } else if (effect instanceof Effect.Invite invite) {
                world.network.toEveryWorker(invite.message());
            } else if (effect instanceof Effect.Perform perform) {
                after(world.chance.between(1, 20), () -> perform(perform.operation()));
            } else if (effect instanceof Effect.Reply reply) {
                world.timeline.log(name + " answers " + Words.of(reply.answer()));
                world.referee.answered(name, reply.answer());
                Consumer<Answer> asker = tickets.remove(reply.ticket());
                if (asker == null) {
                    throw world.timeline.broken("answers", name + " answers ticket " + reply.ticket() + " twice");
                }
                world.network.toClient(() -> asker.accept(reply.answer()));
            } else if (effect instanceof Effect.Invite invite) {
                world.network.toWorkers(invite.message());
            } else if (effect instanceof Effect.Note note) {
                world.timeline.note(name + ": " + note.line());
            }
        }
    }

    private void tell(Effect.Tell tell) {
        world.referee.told(name, tell.message());
        if (tell.message() instanceof ToWorker.AssignPart order) {
            Incarnation before = posted.put(new Posted(order.attempt(), order.part()), tell.to());
            if (before != null && !before.equals(tell.to())) {
                world.cover(Covered.TAKEN_OVER);
            }
        }
        world.network.toWorker(tell.to(), tell.message());
    }

    private void perform(StoreOperation operation) {
        if (operation instanceof StoreOperation.TakeInventory inventory && inventory.adopting()) {
            world.cover(Covered.ADOPTED);
        }
        JobEvent.Stored stored = operations.perform(operation);
        StoreResult result = stored.result();
        world.timeline.log(name + " stored " + Words.of(operation) + ": " + Words.of(result));
        if (result instanceof StoreResult.Fenced) {
            world.cover(Covered.FENCED);
        }
        after(world.chance.between(0, 10), () -> on(stored));
    }
}
