package dev.moorage.coordinator.core;

import dev.moorage.protocol.cluster.ToCoordinator;

/** Something that a job's coordinator hears of. */
public sealed interface JobEvent {
    /** A worker's message; its actor reference is never looked at. */
    record Heard(ToCoordinator.FromWorker message) implements JobEvent {}

    /**
     * A question; its actor reference is never looked at.
     *
     * @param ticket names the asker in the one {@link Effect.Reply}
     */
    record Asked(long ticket, ToCoordinator.Question question) implements JobEvent {}

    /** A store operation ended. */
    record Stored(StoreOperation operation, StoreResult result) implements JobEvent {}

    /** Time has passed. Sent often: deadlines are looked at here and nowhere else. */
    record Tick() implements JobEvent {}
}
