package dev.moorage.worker.core;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RunNumber;
import dev.moorage.worker.core.WorkerEffect.FillLoad.Room;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A rank's call of load that waits. */
final class LoadWork {
    enum Phase {
        /** The coordinator has not said what to prepare. */
        ASKED,
        /** The part records are read. */
        SIZING,
        /** Segments for it wait for room. */
        WAITING,
        /** The shards are fetched. */
        FILLING,
        /** All sums hold; the decision is awaited. */
        PREPARED,
        /** It could not be prepared; the decision is awaited. */
        FAILED
    }

    final Attached rank;
    final WorkerEvent.LoadCalled call;
    final long deadline;
    final List<Long> requests = new ArrayList<>();
    Phase phase = Phase.ASKED;
    /** Numbers the preparation, so that what comes late of a dropped one is not taken for it. */
    long load;

    /** Until when it waits for room. */
    long roomDeadline;

    Optional<AttemptId> source = Optional.empty();
    List<WorkerEvent.SizedShard> shards = List.of();
    List<Room> rooms = List.of();
    Map<String, String> metadata = Map.of();
    Optional<FailureKind> failure = Optional.empty();
    String reason = "";

    LoadWork(Attached rank, WorkerEvent.LoadCalled call, long deadline) {
        this.rank = rank;
        this.call = call;
        this.deadline = deadline;
        requests.add(call.request());
    }

    JobName job() {
        return rank.who.job();
    }

    Rank who() {
        return rank.who.rank();
    }

    RunNumber run() {
        return rank.run.orElseThrow();
    }

    String name() {
        return rank.name()
                + (call.local() ? " load of step " : " job-wide load " + call.ordinal() + " of ")
                + call.selector();
    }

    /** Forgets what was prepared. */
    void begin(long number, Optional<AttemptId> from) {
        load = number;
        source = from;
        phase = Phase.SIZING;
        shards = List.of();
        rooms = List.of();
        failure = Optional.empty();
        reason = "";
    }

    boolean isRunning() {
        return phase == Phase.SIZING || phase == Phase.WAITING || phase == Phase.FILLING;
    }

    long bytes() {
        return shards.stream().mapToLong(WorkerEvent.SizedShard::bytes).sum();
    }
}
