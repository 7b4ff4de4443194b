package dev.moorage.coordinator;

import dev.moorage.coordinator.core.Effect;
import dev.moorage.coordinator.core.JobEvent;
import dev.moorage.coordinator.core.JobMachine;
import dev.moorage.coordinator.core.Marks;
import dev.moorage.coordinator.core.StoreOperation;
import dev.moorage.coordinator.core.StoreResult;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.CoordinatorCommand;
import dev.moorage.protocol.cluster.EndsByBug;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.cluster.WorkerCommand;
import dev.moorage.storage.BlockingIo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The coordinator of one job: a shell around a {@link JobMachine}. Messages become its events; its effects become tells,
 * store operations and log lines. It has one state; the machine has the others.
 */
final class JobCoordinator extends AbstractBehavior<CoordinatorCommand> {
    private static final Logger LOG = LoggerFactory.getLogger(JobCoordinator.class);

    /** Its messages to itself; never sent between processes. */
    sealed interface Own extends CoordinatorCommand {}

    private record Stored(JobEvent.Stored event) implements Own {}

    private record Members(Set<ActorRef<ToWorker>> workers) implements Own {}

    private enum Tick implements Own {
        INSTANCE
    }

    /** The shard agrees that it may go. */
    enum Stop implements Own {
        INSTANCE
    }

    /**
     * What a coordinator works with.
     *
     * @param io for what decisions wait for
     * @param indexing for the indexes of tensors, which may take minutes and which nobody waits for
     * @param owner for people: this node
     * @param monotonicMillis a clock that never goes back
     * @param onIdle called with the coordinator's reference when it has nothing to do
     */
    record Tools(
            CoordinatorStore store,
            CoordinatorSettings settings,
            BlockingIo io,
            BlockingIo indexing,
            String owner,
            LongSupplier monotonicMillis,
            Consumer<ActorRef<CoordinatorCommand>> onIdle) {}

    private final JobName job;
    private final Tools tools;
    private final StoreOperations operations;
    private final JobMachine machine;
    private final Map<Incarnation, ActorRef<ToWorker>> workers = new HashMap<>();
    private final Map<Long, ActorRef<Answer>> askers = new HashMap<>();
    private Set<ActorRef<ToWorker>> members = Set.of();
    private long tickets;
    private boolean leaving;

    /** Ends by a bug; the shard starts another one with the next message, and that recovers from the store. */
    static Behavior<CoordinatorCommand> create(JobName job, Tools tools) {
        Behavior<CoordinatorCommand> coordinator = Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            timers.startTimerWithFixedDelay(Tick.INSTANCE, tools.settings().tick());
            return new JobCoordinator(context, job, tools);
        }));
        return EndsByBug.watch(
                CoordinatorCommand.class,
                coordinator,
                // Pekko's own line has the stack.
                bug -> LOG.error(
                        "job {}: its coordinator ends by a bug, {}; the next message starts it anew",
                        job,
                        bug.toString()));
    }

    private JobCoordinator(ActorContext<CoordinatorCommand> context, JobName job, Tools tools) {
        super(context);
        this.job = job;
        this.tools = tools;
        this.operations = new StoreOperations(tools.store(), job);
        this.machine = new JobMachine(job, tools.owner(), tools.settings().timings(), new FreshMarks(tools.store()));
        context.getSystem()
                .receptionist()
                .tell(Receptionist.subscribe(
                        WorkerCommand.WORKERS,
                        context.messageAdapter(
                                Receptionist.Listing.class,
                                listing -> new Members(listing.getServiceInstances(WorkerCommand.WORKERS)))));
        carryOut(machine.start(now()));
    }

    private record FreshMarks(CoordinatorStore store) implements Marks {
        @Override
        public Nonce nonce() {
            return Nonce.random();
        }

        @Override
        public long createdAtMillis() {
            return store.wallClockMillis();
        }
    }

    @Override
    public Receive<CoordinatorCommand> createReceive() {
        return newReceiveBuilder()
                .onMessage(ToCoordinator.Register.class, this::onRegister)
                .onMessage(ToCoordinator.FromWorker.class, message -> take(new JobEvent.Heard(message)))
                .onMessage(ToCoordinator.Question.class, this::onQuestion)
                .onMessage(ToCoordinator.Wake.class, wake -> this)
                .onMessage(Stored.class, stored -> take(stored.event()))
                .onMessage(Members.class, this::onMembers)
                .onMessage(Tick.class, this::onTick)
                .onMessage(Stop.class, stop -> Behaviors.stopped())
                .onSignal(PostStop.class, stopped -> onStopped())
                .build();
    }

    /** Whoever still waits is better told now than after its own time-out. */
    private Behavior<CoordinatorCommand> onStopped() {
        Answer.Refused gone = new Answer.Refused(
                FailureKind.UNAVAILABLE, "the coordinator of job " + job + " has stopped or moves; try again");
        askers.values().forEach(asker -> asker.tell(gone));
        return this;
    }

    private Behavior<CoordinatorCommand> onRegister(ToCoordinator.Register register) {
        workers.put(register.incarnation(), register.replyTo());
        return take(new JobEvent.Heard(register));
    }

    private Behavior<CoordinatorCommand> onMembers(Members found) {
        members = Set.copyOf(found.workers());
        return this;
    }

    private Behavior<CoordinatorCommand> onQuestion(ToCoordinator.Question question) {
        askers.put(++tickets, question.replyTo());
        return take(new JobEvent.Asked(tickets, question));
    }

    private Behavior<CoordinatorCommand> onTick(Tick tick) {
        take(new JobEvent.Tick());
        if (!leaving && machine.isIdle(now())) {
            leaving = true;
            tools.onIdle().accept(getContext().getSelf());
        }
        return this;
    }

    private Behavior<CoordinatorCommand> take(JobEvent event) {
        carryOut(machine.on(event, now()));
        return this;
    }

    private long now() {
        return tools.monotonicMillis().getAsLong();
    }

    private void carryOut(List<Effect> effects) {
        for (Effect effect : effects) {
            if (effect instanceof Effect.Tell tell) {
                ActorRef<ToWorker> worker = workers.get(tell.to());
                if (worker != null) {
                    worker.tell(tell.message());
                }
            } else if (effect instanceof Effect.Invite invite) {
                members.forEach(worker -> worker.tell(invite.message()));
            } else if (effect instanceof Effect.Perform perform) {
                perform(perform.operation());
            } else if (effect instanceof Effect.Reply reply) {
                ActorRef<Answer> asker = askers.remove(reply.ticket());
                if (asker != null) {
                    asker.tell(reply.answer());
                }
            } else if (effect instanceof Effect.Note note) {
                LOG.info(note.line());
            } else if (effect instanceof Effect.Forget forget) {
                workers.remove(forget.incarnation());
            }
        }
    }

    private void perform(StoreOperation operation) {
        BlockingIo io = operation instanceof StoreOperation.IndexTensors ? tools.indexing() : tools.io();
        getContext().pipeToSelf(io.call(() -> operations.perform(operation)), (stored, bug) -> {
            if (bug == null) {
                return new Stored(stored);
            }
            LOG.error("a bug while carrying out {}", operation.getClass().getSimpleName(), bug);
            return new Stored(new JobEvent.Stored(
                    operation,
                    new StoreResult.Failed(FailureKind.UNAVAILABLE, "internal error; the log of the node has it")));
        });
    }
}
