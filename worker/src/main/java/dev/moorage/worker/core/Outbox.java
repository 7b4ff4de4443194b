package dev.moorage.worker.core;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.cluster.ToCoordinator;
import java.util.ArrayList;
import java.util.List;

/** Who this worker is, and what it is about to do. */
final class Outbox {
    final WorkerId worker;
    final Incarnation incarnation;
    private List<WorkerEffect> effects = new ArrayList<>();

    Outbox(WorkerId worker, Incarnation incarnation) {
        this.worker = worker;
        this.incarnation = incarnation;
    }

    void add(WorkerEffect effect) {
        effects.add(effect);
    }

    void send(ToCoordinator message) {
        effects.add(new WorkerEffect.Send(message));
    }

    void answer(long request, Reply reply) {
        effects.add(new WorkerEffect.Answer(request, reply));
    }

    void refuse(long request, FailureKind kind, String message) {
        answer(request, new Reply.Refused(kind, message));
    }

    void refuse(long request, CheckpointException failure) {
        refuse(request, failure.kind(), failure.getMessage());
    }

    List<WorkerEffect> drain() {
        List<WorkerEffect> drained = effects;
        effects = new ArrayList<>();
        return List.copyOf(drained);
    }
}
