package dev.moorage.node;

import dev.moorage.client.MoorageClient;
import dev.moorage.client.RankShard;
import dev.moorage.client.SaveOrder;
import dev.moorage.client.StagedSave;
import dev.moorage.client.StagingThreads;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.v1.SaveStatus;
import dev.moorage.protocol.v1.State;
import dev.moorage.worker.core.Attachment;
import dev.moorage.worker.host.LocalHost;
import dev.moorage.worker.host.RankSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A save through an embedded cluster: the workers read the shards where they are, without a copy. Ranks are dealt round robin
 * over the workers. One call is one run of the job.
 */
final class EmbeddedSave {
    private final EmbeddedCluster cluster;
    private final SaveOrder order;
    private final StagedSave.Listener listener;
    private final RunToken token = new RunToken("cli-" + Nonce.random().value());
    private final List<RankSession> sessions = new ArrayList<>();

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
     */
    static SaveStatus run(EmbeddedCluster cluster, SaveOrder order, StagedSave.Listener listener) {
        return new EmbeddedSave(cluster, order, listener).run();
    }

    private SaveStatus run() {
        try (MoorageClient client = MoorageClient.connect(cluster.endpoint())) {
            attachAll();
            stageAll();
            listener.saving(client.save(order.job(), order.step(), order.codec(), order.depth(), order.metadata()));
            SaveStatus last = client.watchSave(order.job(), order.step(), order.deadline(), listener::saving);
            if (last.getState() != State.STATE_COMMITTED) {
                throw CheckpointException.unavailable(
                        "job " + order.job() + " step " + order.step() + " was not saved: "
                                + (last.getReason().isEmpty() ? "it ended " + last.getState() : last.getReason())
                                + "; correct that and save again");
            }
            return last;
        } finally {
            sessions.forEach(RankSession::close);
        }
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
        session.stage(shard.source(), order.step(), ShardKind.OWN, shard.format(), order.metadata());
        listener.staged(shard.source().length());
    }
}
