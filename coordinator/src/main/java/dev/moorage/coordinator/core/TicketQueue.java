package dev.moorage.coordinator.core;

import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.cluster.Answer;
import java.util.ArrayList;
import java.util.List;

/** Questions that wait for something, at most 1,000. */
final class TicketQueue {
    private static final int QUEUED_MAX = 1_000;

    private final JobContext job;
    private final List<Queued> queued = new ArrayList<>();

    private record Queued(long ticket, Runnable answer) {}

    TicketQueue(JobContext job) {
        this.job = job;
    }

    boolean isEmpty() {
        return queued.isEmpty();
    }

    /** @param answer replies to the ticket, or queues it again */
    void add(long ticket, Runnable answer) {
        if (queued.size() >= QUEUED_MAX) {
            job.reply(
                    ticket,
                    new Answer.Refused(
                            FailureKind.UNAVAILABLE, "job " + job.job + ": too many questions wait; ask again"));
        } else {
            queued.add(new Queued(ticket, answer));
        }
    }

    void answerAll() {
        drain().forEach(question -> question.answer().run());
    }

    void refuseAll(Answer.Refused refusal) {
        drain().forEach(question -> job.reply(question.ticket(), refusal));
    }

    private List<Queued> drain() {
        List<Queued> waiting = List.copyOf(queued);
        queued.clear();
        return waiting;
    }
}
