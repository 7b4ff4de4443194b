package dev.moorage.checkpoint;

/** Told how far a long call has come. May throw, which ends the call with what was thrown. */
@FunctionalInterface
public interface Progress {
    /** Nobody is told. */
    Progress NONE = delta -> {};

    /**
     * More raw bytes are done. Called from any thread, also from several at once.
     *
     * @param delta how many since the last call, at least 0
     * @throws java.util.concurrent.CancellationException to stop the work
     */
    void bytes(long delta);
}
