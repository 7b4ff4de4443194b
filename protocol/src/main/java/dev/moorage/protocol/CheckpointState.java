package dev.moorage.protocol;

/** Where a checkpoint stands. The same words in the API, the command line, Python and metrics. */
public enum CheckpointState {
    /** Ranks are handing over their state; nothing is on the store. */
    STAGING,
    /** An intent exists; workers upload their parts. */
    UPLOADING,
    /** All parts are durable; the outcome is being written. */
    SEALING,
    /** The manifest exists: the checkpoint is visible. */
    COMMITTED,
    /** The attempt was closed without a checkpoint. */
    ABORTED,
    /** It was committed and is deleted. */
    DELETED;

    /** Whether nothing more can happen to the attempt by itself. */
    public boolean isClosed() {
        return this == COMMITTED || this == ABORTED || this == DELETED;
    }
}
