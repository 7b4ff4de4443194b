package dev.moorage.coordinator.core;

import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.Rank;

/** A rank that waits for its state, and the worker that fetches it. */
final class LoadRank {
    final Rank rank;
    final Incarnation incarnation;
    private boolean ready;
    private int failures;
    private long liveMillis;

    LoadRank(Rank rank, Incarnation incarnation, long now) {
        this.rank = rank;
        this.incarnation = incarnation;
        this.liveMillis = now;
    }

    boolean isReady() {
        return ready;
    }

    void ready() {
        ready = true;
    }

    /** Another candidate is fetched. */
    void restart(long now) {
        ready = false;
        failures = 0;
        liveMillis = now;
    }

    int failedOnce() {
        return ++failures;
    }

    /** Whether its worker has been lost for so long that nobody waits for it any more. */
    boolean isLost(JobContext job) {
        if (job.isLive(incarnation)) {
            liveMillis = job.now();
        }
        return job.now() - liveMillis >= job.timings.returnMillis();
    }
}
