package dev.moorage.protocol.cluster;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.PlannedShard;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;

/** Messages to a worker. Orders of an epoch lower than the highest one seen of that job are dropped. */
public sealed interface ToWorker extends ClusterMessage, WorkerCommand {
    /** Messages of a job's coordinator. */
    sealed interface FromCoordinator extends ToWorker {
        /** Whose coordinator sends it. */
        JobName job();
    }

    /**
     * Prove that you see the coordinator's store: read this object and create your answer beside it.
     *
     * @param incarnation for whom it is meant
     */
    record Challenge(JobName job, Incarnation incarnation, String challenge) implements FromCoordinator {}

    /**
     * You are known. A higher epoch than before means a new coordinator: say again what is staged and done.
     *
     * @param incarnation for whom it is meant
     */
    record Registered(JobName job, Epoch epoch, Incarnation incarnation) implements FromCoordinator {}

    /**
     * No rank can go on through you: your store is another one, a newer process of you has registered, or the job's state log
     * does not hold. Tell those who wait.
     *
     * @param kind INVALID for what the worker must correct, CORRUPT for a log that does not hold
     * @param reason for people
     */
    record RegistrationRefused(JobName job, Incarnation incarnation, FailureKind kind, String reason)
            implements FromCoordinator {}

    /**
     * The job needs workers, for a verification that asks more than those that hold its ranks: register for a while. Sent to
     * all workers of the cluster, again and again as long as they are needed.
     */
    record Invite(JobName job) implements FromCoordinator {}

    /** The token has this number in the log. Every lower run of the job is superseded. Sent to all workers of the job. */
    record RunOpened(JobName job, RunToken token, RunNumber run) implements FromCoordinator {}

    /**
     * The token has no number. Sent to those who asked, or to all workers of the job.
     *
     * @param kind INVALID for a token that cannot be used, for example as a newer run has superseded it, or the world size
     *     differs: its ranks may not go on. CORRUPT for a log that does not hold: those who wait for a number get none, and
     *     what is logged already goes on
     * @param reason for people
     */
    record RunRefused(JobName job, RunToken token, FailureKind kind, String reason) implements FromCoordinator {}

    /**
     * Store these shards, which you hold staged. Again for a part under way: go on; for one that is done: say so again.
     *
     * @param shards ascending by id
     */
    record AssignPart(
            AttemptId attempt, RunNumber run, Epoch epoch, PartNumber part, Codec codec, List<PlannedShard> shards)
            implements FromCoordinator {
        public AssignPart {
            shards = List.copyOf(shards);
        }

        @Override
        public JobName job() {
            return attempt.job();
        }
    }

    /**
     * The staging of a step has ended without an attempt: ranks are missing or have skipped it, or replicas differ. What is
     * staged stays so, for a save that is asked for.
     *
     * @param run whose ranks staged it
     * @param reason for people
     */
    record StagingEnded(JobName job, RunNumber run, Step step, Epoch epoch, String reason) implements FromCoordinator {}

    /**
     * The outcome as read back from the store. COMMITTED frees the segments of the step; ABORTED makes them STAGED again.
     *
     * @param reason of an abort; empty for a commit
     */
    record OutcomeTold(AttemptId attempt, RunNumber run, Epoch epoch, boolean committed, String reason)
            implements FromCoordinator {
        @Override
        public JobName job() {
            return attempt.job();
        }
    }

    /**
     * Verify these shards of a part. The same request again: go on, or answer again.
     *
     * @param part as the manifest names it
     * @param shards which of its shards
     * @param seed chooses the chunks of a sample
     */
    record CheckShards(
            AttemptId attempt,
            Epoch epoch,
            String requestId,
            PartRef part,
            List<ShardId> shards,
            VerifyDepth depth,
            long seed)
            implements FromCoordinator {
        public CheckShards {
            shards = List.copyOf(shards);
        }

        @Override
        public JobName job() {
            return attempt.job();
        }
    }

    /**
     * Fetch and check these shards for a rank that waits here, without handing them out yet.
     *
     * @param source the attempt to load from
     */
    record PrepareLoad(
            JobName job,
            RunNumber run,
            long ordinal,
            Rank rank,
            Epoch epoch,
            AttemptId source,
            List<ShardToLoad> shards)
            implements FromCoordinator {
        public PrepareLoad {
            shards = List.copyOf(shards);
        }
    }

    /** A shard and the part that it is in. */
    record ShardToLoad(PartRef part, ShardId shard) {}

    /**
     * The job-wide decision: hand the prepared segments to the rank, or fail its call.
     *
     * @param step what all ranks get; empty for a failure
     * @param failure empty for success
     * @param reason of the failure, or what was passed over
     */
    record LoadDecided(
            JobName job,
            RunNumber run,
            long ordinal,
            Rank rank,
            Epoch epoch,
            Optional<Step> step,
            Optional<FailureKind> failure,
            String reason)
            implements FromCoordinator {}

    /** Who are you? Asked when people list the workers. */
    record DescribeAsked(ActorRef<Answer> replyTo) implements ToWorker {}
}
