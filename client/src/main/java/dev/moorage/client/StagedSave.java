package dev.moorage.client;

import dev.moorage.checkpoint.Progress;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.v1.SaveStatus;
import dev.moorage.protocol.v1.State;
import dev.moorage.protocol.v1.WorkerInfo;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedDeque;

/**
 * A save of files from this host through the workers of this host: each rank's shard is staged in the shared memory of one
 * of them, dealt round robin, then saved, committed and verified by the cluster. One call is one run of the job.
 */
public final class StagedSave {
    /** Told how far the save is. Called from several threads while shards are staged, and from one afterwards. */
    public interface Listener {
        /** More raw bytes are staged. */
        void staged(long delta);

        /** How the save stands; the last call has the verification if one was asked for. */
        void saving(SaveStatus status);
    }

    private final MoorageClient client;
    private final SaveOrder order;
    private final Listener listener;
    private final RunToken token = new RunToken("cli-" + Nonce.random().value());
    private final Deque<HostSession> sessions = new ConcurrentLinkedDeque<>();
    private final long end;

    private StagedSave(MoorageClient client, SaveOrder order, Listener listener) {
        this.client = client;
        this.order = order;
        this.listener = listener;
        this.end = System.nanoTime() + order.deadline().toNanos();
    }

    /**
     * Stages, saves and waits for the end.
     *
     * @return the committed save; its verification may have found something
     * @throws CheckpointException INVALID if the cluster has no worker on this host; UNAVAILABLE with the reason if the save
     *     was aborted
     */
    public static SaveStatus run(MoorageClient client, SaveOrder order, Listener listener) {
        return new StagedSave(client, order, listener).run();
    }

    private SaveStatus run() {
        List<HostClient> hosts = localHosts();
        try {
            stageAll(hosts);
            listener.saving(client.save(order.job(), order.step(), order.codec(), order.depth(), order.metadata()));
            return committed(client.watchSave(order.job(), order.step(), left(), listener::saving));
        } finally {
            sessions.forEach(HostSession::close);
            hosts.forEach(HostClient::close);
        }
    }

    private List<HostClient> localHosts() {
        List<WorkerInfo> workers = client.listWorkers();
        List<Path> sockets = workers.stream()
                .map(WorkerInfo::getSocket)
                .filter(path -> !path.isEmpty())
                .distinct()
                .map(Path::of)
                .filter(Files::exists)
                .toList();
        if (sockets.isEmpty()) {
            throw CheckpointException.invalid("none of the " + workers.size() + " workers of the cluster at "
                    + client.endpoints()
                    + " has its socket on this host, so there is nowhere to stage the shards. Start one"
                    + " here (moorage worker), run the save on a host that has one, name another cluster with --endpoint"
                    + " or MOORAGE_ENDPOINT, or save without a cluster with --store");
        }
        return sockets.stream().map(HostClient::open).toList();
    }

    private void stageAll(List<HostClient> hosts) {
        List<Runnable> works = new ArrayList<>();
        for (int i = 0; i < hosts.size(); i++) {
            int dealt = i;
            works.add(() -> stageDealt(hosts.get(dealt), dealt, hosts.size()));
        }
        StagingThreads.runAll(hosts.size(), order.job() + " step " + order.step(), works);
    }

    private void stageDealt(HostClient host, int first, int every) {
        for (int i = first; i < order.shards().size(); i += every) {
            stage(host, order.shards().get(i));
        }
    }

    private void stage(HostClient host, RankShard shard) {
        HostSession session = host.attach(new Attachment(
                order.job(), token, shard.rank(), order.worldSize(), Optional.empty(), order.codec(), order.depth()));
        sessions.add(session);
        long bytes = shard.source().length();
        Segment segment = session.lease(ShardKind.OWN, bytes);
        Progress progress = listener::staged;
        session.fill(segment, shard.source(), progress);
        session.stage(segment, bytes, order.step(), ShardKind.OWN, shard.format(), order.metadata());
    }

    private SaveStatus committed(SaveStatus last) {
        if (last.getState() == State.STATE_COMMITTED) {
            return last;
        }
        throw new CheckpointException(
                FailureKind.UNAVAILABLE,
                "job " + order.job() + " step " + order.step() + " was not saved: "
                        + (last.getReason().isEmpty() ? "it ended " + last.getState() : last.getReason())
                        + "; correct that and save again");
    }

    private Duration left() {
        return Duration.ofNanos(Math.max(1, end - System.nanoTime()));
    }
}
