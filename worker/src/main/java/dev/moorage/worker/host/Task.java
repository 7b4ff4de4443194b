package dev.moorage.worker.host;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.storage.BlockingIo;
import dev.moorage.worker.core.WorkerEvent;
import java.time.Duration;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.PostStop;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One piece of blocking work: lives as long as it runs.
 *
 * <pre>
 * running --ended--> (tells the result)
 *    |
 *    '--cancel--> cancelled --ended--> (tells nothing)
 * </pre>
 */
final class Task {
    sealed interface Command {}

    enum Cancel implements Command {
        INSTANCE
    }

    private record Ended(WorkerEvent result, Throwable failure) implements Command {}

    private enum Beat implements Command {
        INSTANCE
    }

    /** What is done, on a thread of the data plane. */
    interface Work {
        /** Blocks until it is done. */
        WorkerEvent run(Gauge gauge);

        /** What is told when {@link #run} has thrown. May block, too. */
        WorkerEvent failed(Throwable failure);

        /** What is told from time to time. */
        WorkerEvent moved(Gauge gauge);
    }

    private static final Logger LOG = LoggerFactory.getLogger(Task.class);

    private final Work work;
    private final Consumer<WorkerEvent> tell;
    private final Gauge gauge = new Gauge();

    private Task(Work work, Consumer<WorkerEvent> tell) {
        this.work = work;
        this.tell = tell;
    }

    static Behavior<Command> create(Work work, BlockingIo io, Duration beat, Consumer<WorkerEvent> tell) {
        return Behaviors.setup(context -> Behaviors.withTimers(timers -> {
            Task task = new Task(work, tell);
            timers.startTimerWithFixedDelay(Beat.INSTANCE, beat);
            context.pipeToSelf(io.call(task::run), Ended::new);
            return task.running();
        }));
    }

    private WorkerEvent run() {
        try {
            gauge.check();
            return work.run(gauge);
        } catch (CancellationException cancelled) {
            throw cancelled;
        } catch (CheckpointException failure) {
            return work.failed(failure);
        } catch (Throwable bug) {
            LOG.error("{} failed unexpectedly", work, bug);
            return work.failed(bug);
        }
    }

    private Behavior<Command> running() {
        return Behaviors.receive(Command.class)
                .onMessage(Beat.class, beat -> {
                    tell.accept(work.moved(gauge));
                    return Behaviors.same();
                })
                .onMessage(Cancel.class, cancel -> {
                    gauge.cancel();
                    return cancelled();
                })
                .onMessage(Ended.class, this::onEnded)
                .onSignal(PostStop.class, stop -> {
                    gauge.cancel();
                    return Behaviors.same();
                })
                .build();
    }

    private Behavior<Command> onEnded(Ended ended) {
        if (ended.failure() != null) {
            // Not even the failure could be told: whoever waits for this work would wait for ever.
            throw new IllegalStateException(work + " ended without a result: " + ended.failure(), ended.failure());
        }
        tell.accept(ended.result());
        return Behaviors.stopped();
    }

    private Behavior<Command> cancelled() {
        return Behaviors.receive(Command.class)
                .onMessage(Ended.class, ended -> Behaviors.stopped())
                .onMessage(Beat.class, beat -> Behaviors.same())
                .onMessage(Cancel.class, again -> Behaviors.same())
                .build();
    }
}
