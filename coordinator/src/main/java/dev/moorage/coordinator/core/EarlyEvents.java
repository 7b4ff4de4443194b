package dev.moorage.coordinator.core;

import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToCoordinator.Register;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What is heard before the first look at the job-state log, at most 10,000 events: until then nothing can be decided. A log that
 * does not hold refuses everybody at once, and whoever comes later, until a look finds otherwise.
 */
final class EarlyEvents {
    private static final int EVENTS_MAX = 10_000;

    private final JobContext job;
    private final Deque<JobEvent> waiting = new ArrayDeque<>();
    private Optional<StoreResult.Failed> broken = Optional.empty();

    EarlyEvents(JobContext job) {
        this.job = job;
    }

    void add(JobEvent event) {
        if (broken.isPresent()) {
            refuse(event, broken.get());
        } else if (waiting.size() < EVENTS_MAX) {
            waiting.add(event);
        } else {
            // What a worker says is said again; a question is asked once.
            refuseQuestion(
                    event, FailureKind.UNAVAILABLE, "its coordinator begins, and too many questions wait; ask again");
        }
    }

    /** A look at the store has failed: questions are not kept waiting for the next one, workers only for one that can help. */
    void failed(StoreResult.Failed failure) {
        if (failure.isPassing()) {
            waiting.forEach(event -> refuseQuestion(event, FailureKind.UNAVAILABLE, failure.reason()));
            waiting.removeIf(JobEvent.Asked.class::isInstance);
        } else {
            broken = Optional.of(failure);
            drain(event -> refuse(event, failure));
        }
    }

    /** The log holds after all. */
    void mended() {
        broken = Optional.empty();
    }

    void drain(Consumer<JobEvent> action) {
        while (!waiting.isEmpty()) {
            action.accept(waiting.poll());
        }
    }

    private void refuse(JobEvent event, StoreResult.Failed failure) {
        refuseQuestion(event, failure.kind(), failure.reason());
        if (event instanceof JobEvent.Heard heard && heard.message() instanceof Register register) {
            job.refuseRegistration(register.incarnation(), failure.kind(), failure.reason());
        }
    }

    private void refuseQuestion(JobEvent event, FailureKind kind, String reason) {
        if (event instanceof JobEvent.Asked asked) {
            job.reply(asked.ticket(), new Answer.Refused(kind, "job " + job.job + ": " + reason));
        }
    }
}
