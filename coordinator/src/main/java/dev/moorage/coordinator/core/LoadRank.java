package dev.moorage.coordinator.core;

import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.cluster.ToCoordinator.LoadAsked;
import java.util.Optional;

/** A rank that waits for its state, and the worker that fetches it. */
final class LoadRank {
    final Rank rank;
    final Optional<String> group;
    final Incarnation incarnation;
    final long askedMillis;
    private boolean ready;
    private int failures;
    private long liveMillis;

    LoadRank(LoadAsked asked, long now) {
        this.rank = asked.rank();
        this.group = asked.group();
        this.incarnation = asked.incarnation();
        this.askedMillis = now;
        this.liveMillis = now;
    }

    /** Whether it is the same process that asks again, as far as can be told. */
    boolean isOf(LoadAsked asked) {
        return incarnation.equals(asked.incarnation()) && group.equals(asked.group());
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
