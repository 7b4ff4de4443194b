package dev.moorage.worker.core;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.CheckpointState;

/**
 * How the save of a step stands.
 *
 * @param attempt number of the newest attempt known here, 0 before the first
 * @param reason of an abort, else empty
 */
public record StepStatus(CheckpointState state, int attempt, String reason) {
    public StepStatus {
        requireNonNull(state);
        requireNonNull(reason);
    }
}
