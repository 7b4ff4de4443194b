package dev.moorage.coordinator.grpc;

import dev.moorage.checkpoint.AttemptView;
import dev.moorage.checkpoint.Catalog;
import dev.moorage.checkpoint.CheckpointSummary;
import dev.moorage.checkpoint.Layout;
import dev.moorage.checkpoint.ManifestLog;
import dev.moorage.checkpoint.Selected;
import dev.moorage.checkpoint.Selector;
import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.SaveSpec;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.grpc.WireEnums;
import dev.moorage.protocol.record.Intent;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.StoredShard;
import dev.moorage.protocol.v1.CheckpointInfo;
import dev.moorage.protocol.v1.ListReply;
import dev.moorage.protocol.v1.PassedOver;
import dev.moorage.protocol.v1.RestoreReply;
import dev.moorage.protocol.v1.ShardInfo;
import dev.moorage.protocol.v1.State;
import java.util.List;
import java.util.Optional;

/** The answers that come from the store alone. Every call blocks; any thread. */
final class StoreAnswers {
    /** More would not fit into a message. */
    private static final int SHARDS_MAX = 10_000;

    private static final int PASSED_OVER_MAX = 1_000;

    private final ManifestLog manifests;
    private final Catalog catalog;

    StoreAnswers(ManifestLog manifests, Catalog catalog) {
        this.manifests = manifests;
        this.catalog = catalog;
    }

    /** @param stillWanted called before each step is read; what it throws ends the reading */
    RestoreReply select(JobName job, Selector selector, Runnable stillWanted) {
        Selected selected = catalog.select(job, selector, stillWanted);
        RestoreReply.Builder reply = RestoreReply.newBuilder()
                .setStep(selected.manifest().attempt().step().value())
                .setAttempt(selected.manifest().attempt().attempt().value())
                .setVerification(
                        WireEnums.toProto(manifests.status(selected.manifest().attempt())));
        selected.passedOver().stream()
                .limit(PASSED_OVER_MAX)
                .forEach(passed -> reply.addPassedOver(
                        PassedOver.newBuilder().setStep(passed.step().value()).setReason(passed.reason())));
        return reply.build();
    }

    /** @param stillWanted called before each part record is read; what it throws ends the reading */
    CheckpointInfo get(CheckpointId id, boolean shards, Runnable stillWanted) {
        List<AttemptView> attempts = manifests.attempts(id);
        AttemptView view = attempts.stream()
                .filter(AttemptView::isVisible)
                .findFirst()
                .or(() -> attempts.isEmpty() ? Optional.empty() : Optional.of(attempts.get(attempts.size() - 1)))
                .orElseThrow(() -> CheckpointException.notFound(id + ": no attempt was ever begun"));
        CheckpointInfo.Builder info = CheckpointInfo.newBuilder()
                .setJob(id.job().value())
                .setStep(id.step().value())
                .setState(WireEnums.toProto(view.state()))
                .setAttempt(view.id().attempt().value())
                .setReason(view.reason());
        view.intent().ifPresent(intent -> describe(info, intent));
        view.committed().ifPresent(manifest -> describe(info, manifest));
        if (view.isVisible()) {
            info.setVerification(WireEnums.toProto(manifests.status(view.id())));
            if (shards) {
                addShards(info, view.committed().orElseThrow(), stillWanted);
            }
        }
        return info.build();
    }

    private static void describe(CheckpointInfo.Builder info, Intent intent) {
        describe(info, intent.spec())
                .setRun(intent.run().value())
                .setRawBytes(intent.parts().stream()
                        .mapToLong(part -> part.rawBytes())
                        .sum())
                .setCreatedAtMillis(intent.createdAtMillis());
    }

    private static void describe(CheckpointInfo.Builder info, Manifest.Committed manifest) {
        describe(info, manifest.spec())
                .setRun(manifest.run().value())
                .setRawBytes(manifest.rawBytes())
                .setStoredBytes(manifest.storedBytes())
                .setCreatedAtMillis(manifest.createdAtMillis());
    }

    private static CheckpointInfo.Builder describe(CheckpointInfo.Builder info, SaveSpec spec) {
        return info.setWorldSize(spec.worldSize().value())
                .setCodec(spec.codec().toString())
                .setVerify(spec.depth().toString())
                .putAllMetadata(spec.metadata());
    }

    private void addShards(CheckpointInfo.Builder info, Manifest.Committed manifest, Runnable stillWanted) {
        long shards = manifest.parts().stream()
                .mapToLong(part -> part.own().size() + part.replicated().size())
                .sum();
        if (shards > SHARDS_MAX) {
            throw CheckpointException.invalid(manifest.attempt() + " has " + shards + " shards, more than the "
                    + SHARDS_MAX + " that fit into an answer; ask without shards, or read the store");
        }
        catalog.shards(manifest, stillWanted).forEach(at -> info.addShards(shard(manifest.attempt(), at.shard())));
    }

    private static ShardInfo shard(AttemptId attempt, StoredShard stored) {
        return ShardInfo.newBuilder()
                .setRank(stored.shard().rank().value())
                .setReplicated(stored.shard().kind() == ShardKind.REPLICATED)
                .setKey(Layout.shard(attempt, stored))
                .setCodec(stored.codec().toString())
                .setRawBytes(stored.rawBytes())
                .setStoredBytes(stored.storedBytes())
                .setRawCrc32C(stored.rawCrc().toString())
                .setStoredCrc32C(stored.storedCrc().toString())
                .build();
    }

    /** A page of the jobs, by name. */
    ListReply jobs(int pageSize, String after) {
        List<String> jobs = manifests.jobs().stream()
                .map(JobName::value)
                .filter(job -> job.compareTo(after) > 0)
                .sorted()
                .toList();
        ListReply.Builder reply =
                ListReply.newBuilder().addAllJobs(jobs.stream().limit(pageSize).toList());
        if (jobs.size() > pageSize) {
            reply.setNextPageToken(jobs.get(pageSize - 1));
        }
        return reply.build();
    }

    /**
     * A page of a job's checkpoints, newest step first.
     *
     * @param stillWanted called before each step is read; what it throws ends the reading
     */
    ListReply checkpoints(JobName job, int pageSize, Optional<Step> below, Runnable stillWanted) {
        List<CheckpointSummary> summaries = catalog.newest(job, below, pageSize + 1, stillWanted);
        ListReply.Builder reply = ListReply.newBuilder();
        summaries.stream().limit(pageSize).forEach(summary -> reply.addCheckpoints(info(job, summary)));
        if (summaries.size() > pageSize) {
            reply.setNextPageToken(summaries.get(pageSize - 1).step().toString());
        }
        return reply.build();
    }

    private static CheckpointInfo info(JobName job, CheckpointSummary summary) {
        return CheckpointInfo.newBuilder()
                .setJob(job.value())
                .setStep(summary.step().value())
                .setState(summary.state().map(WireEnums::toProto).orElse(State.STATE_UNSPECIFIED))
                .setAttempt(summary.attempt().map(attempt -> attempt.value()).orElse(0))
                .setRun(summary.run().map(run -> run.value()).orElse(0L))
                .setWorldSize(summary.worldSize().map(size -> size.value()).orElse(0))
                .setRawBytes(summary.rawBytes())
                .setStoredBytes(summary.storedBytes())
                .setVerification(WireEnums.toProto(summary.status()))
                .setCreatedAtMillis(summary.createdAtMillis())
                .setReason(summary.reason())
                .build();
    }
}
