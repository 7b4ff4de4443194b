package dev.moorage.worker.host;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.EndsByBug;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.cluster.WorkerCommand;
import dev.moorage.storage.BlockingIo;
import dev.moorage.worker.core.Reply;
import dev.moorage.worker.core.WorkerEffect;
import dev.moorage.worker.core.WorkerEvent;
import dev.moorage.worker.core.WorkerMachine;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import java.util.function.LongSupplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.ChildFailed;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.Terminated;
import org.apache.pekko.actor.typed.javadsl.AbstractBehavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.javadsl.Receive;
import org.apache.pekko.actor.typed.javadsl.TimerScheduler;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The worker of a host: hands events to {@link WorkerMachine} and carries its effects out. Has one state; all phases are the
 * machine's. Each upload, check and load is a child.
 */
public final class Worker extends AbstractBehavior<WorkerCommand> {
    private static final Logger LOG = LoggerFactory.getLogger(Worker.class);

    /** Something has happened on this host. */
    record Happened(WorkerEvent event) implements WorkerCommand {}

    /** A rank calls; the actor numbers the call. */
    record Called(LongFunction<WorkerEvent.HostCall> call, Caller caller) implements WorkerCommand {}

    /** Ends the worker. Its staged segments stay. */
    public enum Stop implements WorkerCommand {
        INSTANCE
    }

    private enum Beat implements WorkerCommand {
        INSTANCE
    }

    /**
     * What the actor is given.
     *
     * @param machine of which nobody else knows
     * @param clockMillis never goes back
     * @param tick how often the machine hears that time has passed
     * @param dataPlane for uploads, checks and loads
     * @param staging for segments and small store calls
     * @param coordinators takes messages to the coordinators of jobs; may lose them
     * @param about what people are told of this worker, but for what changes
     */
    public record Setup(
            WorkerMachine machine,
            Bench bench,
            LongSupplier clockMillis,
            Duration tick,
            BlockingIo dataPlane,
            BlockingIo staging,
            Consumer<ToCoordinator> coordinators,
            About about) {}

    /**
     * What people are told of a worker.
     *
     * @param host where it runs
     * @param socket path of its unix socket; empty when it serves none
     * @param stagingBytesMax budget of its segments
     * @param version of the software
     */
    public record About(String host, String socket, long stagingBytesMax, String version) {}

    private interface Carrier<T> {
        void carry(T effect);
    }

    private final Setup setup;
    private final WorkerMachine machine;
    private final Hands hands;
    private final Map<Class<?>, Carrier<Object>> carriers = new LinkedHashMap<>();
    private final Map<Long, Caller> callers = new HashMap<>();
    private final Map<UploadKey, ActorRef<Task.Command>> uploads = new HashMap<>();
    private final Map<Long, Restore> restores = new HashMap<>();
    private final Ending ending;
    private long calls;

    private record UploadKey(AttemptId attempt, PartNumber part) {}

    private record Restore(ShardRestore work, ActorRef<Task.Command> running) {}

    private Worker(
            ActorContext<WorkerCommand> context, TimerScheduler<WorkerCommand> timers, Setup setup, Ending ending) {
        super(context);
        this.setup = setup;
        this.ending = ending;
        this.machine = setup.machine();
        this.hands = new Hands(setup.bench(), setup.staging(), teller());
        carry(WorkerEffect.Send.class, effect -> setup.coordinators().accept(effect.message()));
        carry(WorkerEffect.Register.class, this::register);
        carry(WorkerEffect.Answer.class, this::answer);
        carry(WorkerEffect.TellLoad.class, this::tellLoad);
        carry(WorkerEffect.TryChallenge.class, hands::tryChallenge);
        carry(WorkerEffect.Allocate.class, hands::allocate);
        carry(WorkerEffect.Seal.class, hands::seal);
        carry(WorkerEffect.SealReference.class, this::sealReference);
        carry(WorkerEffect.ClearRecord.class, hands::clearRecord);
        carry(WorkerEffect.Discard.class, hands::discard);
        carry(WorkerEffect.StartUpload.class, this::startUpload);
        carry(WorkerEffect.CancelUpload.class, effect -> cancel(effect.attempt(), effect.part()));
        carry(WorkerEffect.StartCheck.class, effect -> spawn(new ShardCheck(effect.order(), setup.bench())));
        carry(WorkerEffect.StartLoad.class, effect -> startLoad(effect.load(), ShardRestore.of(effect, setup.bench())));
        carry(
                WorkerEffect.StartLocalLoad.class,
                effect -> startLoad(effect.load(), ShardRestore.of(effect, setup.bench())));
        carry(WorkerEffect.FillLoad.class, this::fillLoad);
        carry(WorkerEffect.CancelLoad.class, this::cancelLoad);
        carry(WorkerEffect.ReadOutcome.class, hands::readOutcome);
        timers.startTimerWithFixedDelay(Beat.INSTANCE, setup.tick());
        context.getSystem()
                .receptionist()
                .tell(Receptionist.register(
                        WorkerCommand.WORKERS, context.getSelf().narrow()));
    }

    /** The behaviour of a worker that has just started. */
    public static Behavior<WorkerCommand> create(Setup setup, Ending ending) {
        Behavior<WorkerCommand> worker =
                Behaviors.setup(context -> Behaviors.withTimers(timers -> new Worker(context, timers, setup, ending)));
        return EndsByBug.watch(WorkerCommand.class, worker, bug -> {
            // Pekko's own line has the stack.
            LOG.error(
                    "worker {} ends by a bug, {}; what is staged stays",
                    setup.bench().worker(),
                    bug.toString());
            ending.by(bug);
        });
    }

    private <T> void carry(Class<T> type, Carrier<T> carrier) {
        carriers.put(type, effect -> carrier.carry(type.cast(effect)));
    }

    /** For other threads: the event comes back as a message. */
    private Consumer<WorkerEvent> teller() {
        ActorRef<WorkerCommand> self = getContext().getSelf();
        return event -> self.tell(new Happened(event));
    }

    @Override
    public Receive<WorkerCommand> createReceive() {
        return newReceiveBuilder()
                .onMessage(ToWorker.DescribeAsked.class, this::onDescribe)
                .onMessage(ToWorker.FromCoordinator.class, order -> happened(new WorkerEvent.Told(order)))
                .onMessage(Happened.class, happened -> happened(happened.event()))
                .onMessage(Called.class, this::onCalled)
                .onMessage(Beat.class, beat -> happened(new WorkerEvent.Tick()))
                .onMessage(Stop.class, stop -> Behaviors.stopped())
                .onSignal(ChildFailed.class, this::onTaskFailed)
                .onSignal(Terminated.class, done -> this)
                .onSignal(PostStop.class, signal -> onStopped())
                .build();
    }

    private Behavior<WorkerCommand> happened(WorkerEvent event) {
        forgetEnded(event);
        for (WorkerEffect effect : machine.handle(event, setup.clockMillis().getAsLong())) {
            carriers.get(effect.getClass()).carry(effect);
        }
        return this;
    }

    private void forgetEnded(WorkerEvent event) {
        if (event instanceof WorkerEvent.Uploaded done) {
            uploads.remove(new UploadKey(done.attempt(), done.part()));
        } else if (event instanceof WorkerEvent.UploadFailed failed) {
            uploads.remove(new UploadKey(failed.attempt(), failed.part()));
        } else if (event instanceof WorkerEvent.LoadReady ready) {
            restores.remove(ready.load());
        } else if (event instanceof WorkerEvent.LoadFailed failed) {
            restores.remove(failed.load());
        }
    }

    private Behavior<WorkerCommand> onCalled(Called called) {
        long request = ++calls;
        callers.put(request, called.caller());
        return happened(called.call().apply(request));
    }

    private Behavior<WorkerCommand> onDescribe(ToWorker.DescribeAsked asked) {
        About about = setup.about();
        asked.replyTo()
                .tell(new Answer.WorkerView(
                        setup.bench().worker(),
                        setup.bench().incarnation(),
                        about.host(),
                        about.socket(),
                        machine.jobs(),
                        machine.attached(),
                        machine.stagedBytes(),
                        about.stagingBytesMax(),
                        about.version()));
        return this;
    }

    /** Nobody else would tell what it was for that it does not go on. */
    private Behavior<WorkerCommand> onTaskFailed(ChildFailed failed) {
        throw new IllegalStateException("a task failed: " + failed.getCause(), failed.getCause());
    }

    private Behavior<WorkerCommand> onStopped() {
        Reply.Refused refused = new Reply.Refused(FailureKind.UNAVAILABLE, ending.reason());
        callers.values().forEach(caller -> caller.reply().complete(refused));
        ending.complete();
        return this;
    }

    private void register(WorkerEffect.Register effect) {
        setup.coordinators()
                .accept(new ToCoordinator.Register(
                        effect.job(),
                        setup.bench().worker(),
                        setup.bench().incarnation(),
                        setup.about().host(),
                        effect.run(),
                        getContext().getSelf().narrow()));
    }

    private void answer(WorkerEffect.Answer effect) {
        Caller caller = callers.remove(effect.request());
        if (caller != null) {
            caller.reply().complete(effect.reply());
        }
    }

    private void tellLoad(WorkerEffect.TellLoad effect) {
        Caller caller = callers.get(effect.request());
        if (caller != null) {
            caller.progress().moved(effect.bytesDone(), effect.bytesTotal());
        }
    }

    private void sealReference(WorkerEffect.SealReference effect) {
        Caller caller = callers.get(effect.request());
        if (caller == null) {
            throw CheckpointException.invalid("call " + effect.request() + " has nobody who waits for it");
        }
        hands.seal(effect, caller.reference());
    }

    private ActorRef<Task.Command> spawn(Task.Work work) {
        ActorRef<Task.Command> task =
                getContext().spawnAnonymous(Task.create(work, setup.dataPlane(), setup.tick(), teller()));
        getContext().watch(task);
        return task;
    }

    private void startUpload(WorkerEffect.StartUpload effect) {
        uploads.put(new UploadKey(effect.attempt(), effect.part()), spawn(new ShardUpload(effect, setup.bench())));
    }

    private void cancel(AttemptId attempt, PartNumber part) {
        ActorRef<Task.Command> upload = uploads.remove(new UploadKey(attempt, part));
        if (upload != null) {
            upload.tell(Task.Cancel.INSTANCE);
        }
    }

    private void startLoad(long load, ShardRestore restore) {
        restores.put(load, new Restore(restore, spawn(restore.size())));
    }

    private void fillLoad(WorkerEffect.FillLoad effect) {
        Restore restore = restores.get(effect.load());
        restores.put(
                effect.load(), new Restore(restore.work(), spawn(restore.work().fill(effect.rooms()))));
    }

    private void cancelLoad(WorkerEffect.CancelLoad effect) {
        Restore restore = restores.remove(effect.load());
        if (restore != null) {
            restore.running().tell(Task.Cancel.INSTANCE);
        }
    }
}
