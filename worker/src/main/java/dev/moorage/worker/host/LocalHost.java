package dev.moorage.worker.host;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.cluster.WorkerCommand;
import dev.moorage.worker.core.Attachment;
import dev.moorage.worker.core.Reply;
import dev.moorage.worker.core.WorkerEvent;
import dev.moorage.worker.core.WorkerRules;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongFunction;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;

/**
 * The door of a worker for the ranks of its host. Calls block until they are answered and may be made from any thread; all
 * failures are {@link CheckpointException}s.
 */
public final class LocalHost {
    /** Beyond the time that the rules allow: for the files and the store. */
    private static final Duration SLACK = Duration.ofMinutes(5);

    private static final Duration DESCRIBE = Duration.ofSeconds(10);

    private final ActorSystem<?> system;
    private final ActorRef<WorkerCommand> worker;
    private final Bench bench;
    private final WorkerRules.Times times;
    private final Ending ending;
    private volatile boolean closed;

    /**
     * @param worker an actor of {@link Worker#create}
     * @param ending that the actor was given
     */
    public LocalHost(
            ActorSystem<?> system,
            ActorRef<WorkerCommand> worker,
            Bench bench,
            WorkerRules.Times times,
            Ending ending) {
        this.system = requireNonNull(system);
        this.worker = requireNonNull(worker);
        this.bench = requireNonNull(bench);
        this.times = requireNonNull(times);
        this.ending = requireNonNull(ending);
    }

    /**
     * Joins a rank to its run. The same rank again replaces its older attachment.
     *
     * @return when the run has its number in the job's log
     * @throws CheckpointException INVALID if the run is superseded, states another world size, or the coordinator does not take
     *     this worker; UNAVAILABLE if no coordinator answers
     */
    public RankSession attach(Attachment who) {
        Caller caller = Caller.waiting();
        Reply reply = call(request -> new WorkerEvent.AttachCalled(request, who), caller, times.attachWait());
        return new RankSession(this, who, (Reply.Attached) reply);
    }

    /** What people are told of this worker. UNAVAILABLE if it does not answer. */
    public Answer.WorkerView describe() {
        refuseIfClosed();
        try {
            return (Answer.WorkerView) AskPattern.<ToWorker, Answer>ask(
                            worker.narrow(), ToWorker.DescribeAsked::new, DESCRIBE, system.scheduler())
                    .toCompletableFuture()
                    .join();
        } catch (CompletionException noAnswer) {
            throw CheckpointException.unavailable("worker " + bench.worker() + " does not answer");
        }
    }

    /** Answers no more calls. */
    public void close() {
        closed = true;
    }

    Bench bench() {
        return bench;
    }

    WorkerRules.Times times() {
        return times;
    }

    private void refuseIfClosed() {
        if (closed || ending.isOver()) {
            throw CheckpointException.unavailable(ending.reason());
        }
    }

    Reply call(LongFunction<WorkerEvent.HostCall> call, Caller caller, Duration patience) {
        refuseIfClosed();
        worker.tell(new Worker.Called(call, caller));
        try {
            CompletableFuture.anyOf(caller.reply(), ending.over())
                    .get(patience.plus(SLACK).toMillis(), TimeUnit.MILLISECONDS);
            // The call came too late for the actor if it has ended without an answer.
            Reply reply = caller.reply().getNow(new Reply.Refused(FailureKind.UNAVAILABLE, ending.reason()));
            if (reply instanceof Reply.Refused refused) {
                throw new CheckpointException(refused.kind(), refused.message());
            }
            return reply;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw CheckpointException.unavailable("interrupted while worker " + bench.worker() + " was asked");
        } catch (ExecutionException | TimeoutException noAnswer) {
            throw CheckpointException.unavailable("worker " + bench.worker() + " did not answer in "
                    + patience.plus(SLACK).toSeconds() + " s; it may be overloaded or shutting down");
        }
    }

    /** A call whose answer nobody waits for. */
    void cast(LongFunction<WorkerEvent.HostCall> call) {
        worker.tell(new Worker.Called(call, Caller.waiting()));
    }

    void tell(WorkerEvent event) {
        worker.tell(new Worker.Happened(event));
    }
}
