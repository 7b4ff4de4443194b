package dev.moorage.worker.host;

/** Told how far a load is, from one thread at a time. Must not block. */
@FunctionalInterface
public interface LoadProgress {
    /** Nobody is told. */
    LoadProgress NONE = (done, total) -> {};

    /**
     * The load has moved on. The count begins again when another checkpoint is tried.
     *
     * @param bytesDone raw bytes fetched and checked
     * @param bytesTotal raw bytes of the rank's shards
     */
    void moved(long bytesDone, long bytesTotal);
}
