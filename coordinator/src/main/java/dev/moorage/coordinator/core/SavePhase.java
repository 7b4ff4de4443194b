package dev.moorage.coordinator.core;

/** Where the save of a step is; {@link SaveMachine} has the picture. */
enum SavePhase {
    WALKING,
    STAGING,
    READY,
    OPENING,
    DRIVING,
    COMMITTED,
    ABORTED,
    FAILED;

    /** Whether there is no intent of the next attempt yet, nor one on its way. */
    boolean isBeforeIntent() {
        return this == STAGING || this == READY;
    }

    /** Whether a question has to wait for the store. */
    boolean isUnknown() {
        return this == WALKING || this == OPENING;
    }
}
