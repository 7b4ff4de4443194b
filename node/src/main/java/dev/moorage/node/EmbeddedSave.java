package dev.moorage.node;

import dev.moorage.client.MoorageClient;
import dev.moorage.client.RankShard;
import dev.moorage.client.SaveOrder;
import dev.moorage.client.StagedSave;
import dev.moorage.client.StagingThreads;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.v1.SaveStatus;
import dev.moorage.protocol.v1.State;
import dev.moorage.worker.core.Attachment;
import dev.moorage.worker.host.LocalHost;
import dev.moorage.worker.host.RankSession;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;

/**
 * A save through an embedded cluster: the workers read the shards where they are, without a copy. Ranks are dealt round robin
 * over the workers. One call is one run of the job.
 */
final class EmbeddedSave {
    /** Less than the phase of the shutdown in which it happens is given. */
    private static final Duration CANCEL_WITHIN = Duration.ofSeconds(4);

    private static final long CANCEL_PAUSE_MILLIS = 50;

    private final EmbeddedCluster cluster;
    private final SaveOrder order;
    private final StagedSave.Listener listener;
    private final RunToken token = new RunToken("cli-" + Nonce.random().value());
    private final List<RankSession> sessions = new ArrayList<>();
    private volatile boolean cancelled;
    private volatile boolean ended;

    private EmbeddedSave(EmbeddedCluster cluster, SaveOrder order, StagedSave.Listener listener) {
        this.cluster = cluster;
        this.order = order;
        this.listener = listener;
    }

    /**
     * Stages, saves and waits for the end.
     *
     * @return the committed save; its verification may have found something
     * @throws CheckpointException UNAVAILABLE with the reason if the save was aborted
     * @throws IllegalStateException if a bug ended a worker
     */
    static SaveStatus run(EmbeddedCluster cluster, SaveOrder order, StagedSave.Listener listener) {
        try {
            return new EmbeddedSave(cluster, order, listener).run();
        } catch (CheckpointException failure) {
            cluster.throwIfFailed();
            throw failure;
        }
    }

    private SaveStatus run() {
        try (MoorageClient client = MoorageClient.connect(cluster.endpoint())) {
            cluster.closesFirst("the save", () -> cancel(client));
            attachAll();
            stageAll();
            listener.saving(client.save(order.job(), order.step(), order.codec(), order.depth(), order.metadata()));
            SaveStatus last = client.watchSave(order.job(), order.step(), order.deadline(), this::saving);
            if (last.getState() != State.STATE_COMMITTED) {
                throw CheckpointException.unavailable(
                        "job " + order.job() + " step " + order.step() + " was not saved: "
                                + (last.getReason().isEmpty() ? "it ended " + last.getState() : last.getReason())
                                + "; correct that and save again");
            }
            return last;
        } finally {
            ended = true;
            sessions.forEach(RankSession::close);
        }
    }

    /** Ctrl-C: closes the attempt if there is one, so that it does not look as if somebody still wrote it. */
    private void cancel(MoorageClient client) throws InterruptedException {
        long end = System.nanoTime() + CANCEL_WITHIN.toNanos();
        cancelled = true;
        while (!ended && System.nanoTime() < end) {
            try {
                State state = client.cancel(order.job(), order.step()).getState();
                if (state == State.STATE_ABORTED || state == State.STATE_COMMITTED) {
                    return;
                }
            } catch (CheckpointException failure) {
                if (failure.kind() == FailureKind.INVALID) {
                    return;
                }
                // All else is asked again: even if nothing is found, a rank that is being handed over may open the
                // attempt.
            }
            TimeUnit.MILLISECONDS.sleep(CANCEL_PAUSE_MILLIS);
        }
    }

    /** Events keep coming while the coordinator waits for a worker that will not come back. */
    private void saving(SaveStatus status) {
        cluster.throwIfFailed();
        listener.saving(status);
    }

    private void attachAll() {
        List<LocalHost> hosts = cluster.hosts();
        for (RankShard shard : order.shards()) {
            LocalHost host = hosts.get(shard.rank().value() % hosts.size());
            sessions.add(host.attach(new Attachment(
                    order.job(),
                    token,
                    shard.rank(),
                    order.worldSize(),
                    Optional.empty(),
                    order.codec(),
                    order.depth(),
                    ProcessHandle.current().pid())));
        }
        listener.staged(0);
    }

    private void stageAll() {
        List<Runnable> works = new ArrayList<>();
        for (int i = 0; i < sessions.size(); i++) {
            RankSession session = sessions.get(i);
            RankShard shard = order.shards().get(i);
            works.add(() -> stage(session, shard));
        }
        StagingThreads.runAll(cluster.hosts().size(), order.job() + " step " + order.step(), works);
    }

    private void stage(RankSession session, RankShard shard) {
        if (cancelled) {
            throw new CancellationException("the process ends");
        }
        session.stage(shard.source(), order.step(), ShardKind.OWN, shard.format(), order.metadata());
        listener.staged(shard.source().length());
    }
}
