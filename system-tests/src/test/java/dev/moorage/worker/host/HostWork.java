package dev.moorage.worker.host;

import dev.moorage.checkpoint.ShardSource;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.worker.core.SegmentId;
import dev.moorage.worker.core.WorkerEffect;
import dev.moorage.worker.core.WorkerEvent;
import java.util.Optional;
import java.util.concurrent.CancellationException;

/** The worker's blocking work on shards, on the caller's thread: what an actor does with it elsewhere, a simulation does here. */
public final class HostWork {
    private final Task.Work work;
    private final Gauge gauge = new Gauge();

    private HostWork(Task.Work work) {
        this.work = work;
    }

    /** Stores a part. */
    public static HostWork upload(WorkerEffect.StartUpload order, Bench bench) {
        return new HostWork(new ShardUpload(order, bench));
    }

    /** Verifies shards of a part. */
    public static HostWork check(WorkerEffect.StartCheck order, Bench bench) {
        return new HostWork(new ShardCheck(order.order(), bench));
    }

    /** Lets the work read a segment from {@code source}. */
    public static void keep(Bench bench, SegmentId segment, ShardSource source) {
        bench.references().keep(segment, source);
    }

    /** Blocks until it is done; empty if it was cancelled. */
    public Optional<WorkerEvent> run() {
        try {
            gauge.check();
            return Optional.of(work.run(gauge));
        } catch (CancellationException cancelled) {
            return Optional.empty();
        } catch (CheckpointException failure) {
            return Optional.of(work.failed(failure));
        }
    }

    /** How far it is. */
    public WorkerEvent moved() {
        return work.moved(gauge);
    }

    /** Stops it where it looks next. */
    public void cancel() {
        gauge.cancel();
    }
}
