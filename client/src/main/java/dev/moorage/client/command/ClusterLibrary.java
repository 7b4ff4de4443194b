package dev.moorage.client.command;

import dev.moorage.checkpoint.Selector;
import dev.moorage.client.MoorageClient;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerificationStatus;
import dev.moorage.protocol.grpc.WireEnums;
import dev.moorage.protocol.grpc.WireViews;
import dev.moorage.protocol.v1.CheckpointInfo;
import dev.moorage.protocol.v1.RestoreReply;
import dev.moorage.protocol.v1.ShardInfo;
import dev.moorage.protocol.v1.Verification;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** A cluster's coordinators as the ones who know. */
final class ClusterLibrary implements Library {
    private final MoorageClient client;

    ClusterLibrary(MoorageClient client) {
        this.client = client;
    }

    @Override
    public List<String> jobs() {
        return client.jobs().stream().sorted().toList();
    }

    @Override
    public List<Row> checkpoints(JobName job) {
        return client.list(job).stream().map(ClusterLibrary::row).toList();
    }

    @Override
    public Details details(JobName job, Step step) {
        CheckpointInfo info;
        List<String> damages = List.of();
        try {
            info = client.get(job, step, true);
        } catch (CheckpointException failure) {
            if (failure.kind() != FailureKind.CORRUPT) {
                throw failure;
            }
            // A record of it does not hold: without the shards there is still something to show.
            damages = List.of(failure.getMessage());
            info = client.get(job, step, false);
        }
        return new Details(
                row(info),
                info.getCodec(),
                info.getVerify(),
                new TreeMap<>(info.getMetadataMap()),
                info.getShardsList().stream().map(ClusterLibrary::shard).toList(),
                Optional.empty(),
                damages);
    }

    @Override
    public Chosen choose(JobName job, String selector) {
        Optional<Step> named = Selector.parse(selector).step();
        if (named.isPresent()) {
            return new Chosen(named.get(), List.of());
        }
        RestoreReply plan = client.restorePlan(job, selector);
        return new Chosen(
                new Step(plan.getStep()),
                plan.getPassedOverList().stream()
                        .map(passed -> new Chosen.Passed(new Step(passed.getStep()), passed.getReason()))
                        .toList());
    }

    @Override
    public CheckReport verify(CheckOrder order, ProgressLine progress) {
        if (order.ranks().size() > 0) {
            order.checkRanks(client.get(order.job(), order.step(), false).getWorldSize());
        }
        var last = client.verify(
                order.job(),
                order.step(),
                order.depth(),
                order.ranks(),
                order.deadline(),
                status -> progress.at(status.getBytesDone(), status.getBytesTotal()));
        return new CheckReport(
                order.job(),
                order.step(),
                last.getDepth(),
                WireEnums.fromProto(last.getResult())
                        .orElseThrow(() -> CheckpointException.invalid("the coordinator ended the verification of "
                                + order.job() + " step " + order.step() + " without a result")),
                last.getShards(),
                0,
                last.getVerdict(),
                Optional.of(last.getIndependentReader()),
                last.getIndependentReader() ? "every shard read by a worker that did not store it" : "",
                status(last.getStatus()),
                last.getFindingsList().stream().map(WireViews::fromProto).toList());
    }

    @Override
    public void close() {
        client.close();
    }

    static Row row(CheckpointInfo info) {
        return new Row(
                new Step(info.getStep()),
                Optional.of(WireEnums.fromProto(info.getState())),
                info.getAttempt(),
                info.getRun(),
                info.getWorldSize(),
                info.getRawBytes(),
                info.getStoredBytes(),
                status(info.getVerification()),
                info.getCreatedAtMillis(),
                info.getReason());
    }

    private static Details.Shard shard(ShardInfo shard) {
        return new Details.Shard(
                shard.getRank(),
                shard.getReplicated(),
                shard.getKey(),
                shard.getCodec(),
                shard.getRawBytes(),
                shard.getStoredBytes(),
                shard.getRawCrc32C(),
                shard.getStoredCrc32C());
    }

    /** Of a checkpoint; one that is not committed has none. */
    private static VerificationStatus status(Verification status) {
        return status == Verification.VERIFICATION_UNSPECIFIED ? VerificationStatus.NONE : WireEnums.fromProto(status);
    }
}
