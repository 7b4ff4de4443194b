package dev.moorage.coordinator.core;

import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToWorker;

/** Something that is to be done about an event. */
public sealed interface Effect {
    /** Send this to the worker that registered as {@code to}; it may get lost. */
    record Tell(Incarnation to, ToWorker.FromCoordinator message) implements Effect {}

    /** Invite all workers of the cluster, whether they have registered or not; may get lost. */
    record Invite(ToWorker.Invite message) implements Effect {}

    /** Ask this of the store. */
    record Perform(StoreOperation operation) implements Effect {}

    /** The one answer to a question. */
    record Reply(long ticket, Answer answer) implements Effect {}

    /** A decision, for the log of people: job, step, attempt, run, epoch. */
    record Note(String line) implements Effect {}

    /** Nothing more will be told to this worker's incarnation. */
    record Forget(Incarnation incarnation) implements Effect {}
}
