package dev.moorage.coordinator.grpc;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.CoordinatorCommand;
import dev.moorage.protocol.cluster.ToCoordinator.Question;
import java.time.Duration;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.RecipientRef;
import org.apache.pekko.actor.typed.javadsl.AskPattern;

/** Asks the coordinator of a job, on whichever node it lives. Any thread. */
public final class JobQuestions {
    private final ActorSystem<?> system;
    private final Function<JobName, RecipientRef<CoordinatorCommand>> coordinators;
    private final Duration timeout;

    /**
     * @param coordinators where messages to a job's coordinator go
     * @param timeout after which the answer is UNAVAILABLE
     */
    public JobQuestions(
            ActorSystem<?> system, Function<JobName, RecipientRef<CoordinatorCommand>> coordinators, Duration timeout) {
        this.system = system;
        this.coordinators = coordinators;
        this.timeout = timeout;
    }

    ActorSystem<?> system() {
        return system;
    }

    /** The answer, if it is of this type; else a {@link CheckpointException}: what was refused, or UNAVAILABLE. */
    <T extends Answer> CompletionStage<T> ask(
            JobName job, Class<T> expected, Function<ActorRef<Answer>, Question> question) {
        return AskPattern.<CoordinatorCommand, Answer>ask(
                        coordinators.apply(job), question::apply, timeout, system.scheduler())
                .handle((answer, failure) -> expected.cast(checked(job, answer, failure)));
    }

    private Answer checked(JobName job, Answer answer, Throwable failure) {
        if (answer instanceof Answer.Refused refused) {
            throw new CheckpointException(refused.kind(), refused.message());
        }
        if (failure == null) {
            return answer;
        }
        if (unwrapped(failure) instanceof TimeoutException) {
            throw new CheckpointException(
                    FailureKind.UNAVAILABLE,
                    "the coordinator of job " + job + " did not answer within " + timeout.toMillis() / 1000.0
                            + " s: it may be moving to another node; try again",
                    unwrapped(failure));
        }
        throw new CheckpointException(
                FailureKind.UNAVAILABLE, "the coordinator of job " + job + " cannot be asked; try again", failure);
    }

    /** Whether nobody answered, as opposed to an answer that is a refusal. */
    static boolean isSilence(Throwable failure) {
        return failure instanceof CheckpointException && failure.getCause() != null;
    }

    /** What a stage failed with, below the wrapping of stages. */
    static Throwable unwrapped(Throwable failure) {
        return failure instanceof java.util.concurrent.CompletionException && failure.getCause() != null
                ? failure.getCause()
                : failure;
    }
}
