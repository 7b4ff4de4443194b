package dev.moorage.protocol.cluster;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.WorldSize;
import dev.moorage.protocol.record.Finding;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.actor.typed.ActorRef;

/** Messages to the coordinator of a job, sent through the shard region. */
public sealed interface ToCoordinator extends ClusterMessage, CoordinatorCommand {
    /** Whose coordinator is meant. */
    JobName job();

    /** Messages of one worker process. */
    sealed interface FromWorker extends ToCoordinator {
        /** Who sends it. */
        WorkerId worker();

        /** In which life. */
        Incarnation incarnation();
    }

    /**
     * I hold ranks or staged bytes of this job. Sent every 5 s; the answer is a {@link ToWorker.Challenge} for an
     * incarnation that is new to this coordinator, else {@link ToWorker.Registered}.
     *
     * @param host for people: where it runs
     * @param run the newest run whose ranks it holds; empty when it holds none
     * @param replyTo the worker
     */
    record Register(
            JobName job,
            WorkerId worker,
            Incarnation incarnation,
            String host,
            Optional<RunNumber> run,
            ActorRef<ToWorker> replyTo)
            implements FromWorker {}

    /** The challenge object was read and answered on the store. */
    record ChallengeAnswered(JobName job, WorkerId worker, Incarnation incarnation, String challenge)
            implements FromWorker {}

    /** A rank attached with this token: which run is it? Repeated until {@link ToWorker.RunOpened} or RunRefused. */
    record OpenRun(JobName job, WorkerId worker, Incarnation incarnation, RunToken token, WorldSize worldSize)
            implements FromWorker {}

    /**
     * A rank has staged all that its attach declared. Repeated with each registration until the step's outcome is told.
     *
     * @param codec the rank's default, empty for none stated
     * @param depth the rank's default, empty for none stated
     * @param metadata of rank 0, else empty
     * @param shards the own one, and the replicated one if the rank is in a replica group
     */
    record RankStaged(
            JobName job,
            RunNumber run,
            Step step,
            WorkerId worker,
            Incarnation incarnation,
            Rank rank,
            Optional<Codec> codec,
            Optional<VerifyDepth> depth,
            Map<String, String> metadata,
            List<StagedShard> shards)
            implements FromWorker {
        public RankStaged {
            metadata = Map.copyOf(metadata);
            shards = List.copyOf(shards);
        }
    }

    /**
     * A shard in a segment.
     *
     * @param group names the replica group of a replicated shard; empty for an own one
     * @param bytes raw length
     * @param crc of the raw bytes
     */
    record StagedShard(ShardKind kind, Optional<String> group, ShardFormat format, long bytes, Crc32c crc) {}

    /** A rank will not stage this step, which ends its staging at once. */
    record StagingSkipped(
            JobName job, RunNumber run, Step step, WorkerId worker, Incarnation incarnation, Rank rank, String reason)
            implements FromWorker {}

    /**
     * How far the worker is with its parts; at most once a second. Also the answer, without parts, to an order of an epoch
     * lower than the highest seen: a coordinator that hears a higher epoch than its own has been replaced, and must claim the
     * job again before anybody follows it.
     */
    record Progressed(JobName job, WorkerId worker, Incarnation incarnation, Epoch epoch, List<PartProgress> parts)
            implements FromWorker {
        public Progressed {
            parts = List.copyOf(parts);
        }
    }

    /** Work on parts that takes time. */
    enum Phase {
        UPLOAD,
        CHECK
    }

    /**
     * How far one part is.
     *
     * @param rawBytes done so far
     * @param storedBytes written or read so far
     */
    record PartProgress(AttemptId attempt, Phase phase, PartNumber part, long rawBytes, long storedBytes) {}

    /** The part's record is on the store, this worker's or one that was there first; the coordinator reads it. */
    record PartDone(
            AttemptId attempt, RunNumber run, Epoch epoch, WorkerId worker, Incarnation incarnation, PartNumber part)
            implements FromWorker {
        @Override
        public JobName job() {
            return attempt.job();
        }
    }

    /**
     * The worker gave the part up.
     *
     * @param retryable whether the same worker may be asked again
     * @param reason with rank, key and host named
     */
    record PartFailed(
            AttemptId attempt,
            RunNumber run,
            Epoch epoch,
            WorkerId worker,
            Incarnation incarnation,
            PartNumber part,
            boolean retryable,
            String reason)
            implements FromWorker {
        @Override
        public JobName job() {
            return attempt.job();
        }
    }

    /**
     * The answer to {@link ToWorker.CheckShards}.
     *
     * @param shards how many were looked at
     * @param bytesRead from the store
     * @param proven for people: what was proven
     * @param findings at most 50
     */
    record ShardsChecked(
            AttemptId attempt,
            Epoch epoch,
            String requestId,
            WorkerId worker,
            Incarnation incarnation,
            PartNumber part,
            VerdictResult result,
            int shards,
            long bytesRead,
            String proven,
            List<Finding> findings)
            implements FromWorker {
        public ShardsChecked {
            findings = List.copyOf(findings);
        }

        @Override
        public JobName job() {
            return attempt.job();
        }
    }

    /**
     * A rank wants its state back. Repeated until {@link ToWorker.LoadDecided}.
     *
     * @param ordinal the rank's how-manieth job-wide load in this run, from 0
     * @param group the replica group that it declared; empty: it gets its own shard only
     * @param selector {@code latest}, {@code latest-verified} or a step
     */
    record LoadAsked(
            JobName job,
            RunNumber run,
            long ordinal,
            Rank rank,
            Optional<String> group,
            WorkerId worker,
            Incarnation incarnation,
            String selector)
            implements FromWorker {}

    /**
     * The rank's shards of this step are in segments here, every sum checked, or could not be.
     *
     * @param failure empty for success
     * @param reason for people; empty for success
     */
    record LoadPrepared(
            JobName job,
            RunNumber run,
            long ordinal,
            Step step,
            Rank rank,
            WorkerId worker,
            Incarnation incarnation,
            Optional<FailureKind> failure,
            String reason)
            implements FromWorker {}

    /** Starts the job's coordinator, which then looks for open attempts by itself. */
    record Wake(JobName job) implements ToCoordinator {}

    /** A question of the front door, answered by exactly one {@link Answer}. */
    sealed interface Question extends ToCoordinator {
        /** Who asks. */
        ActorRef<Answer> replyTo();
    }

    /**
     * Make what the ranks staged for this step durable. Answered at once with how it stands.
     *
     * @param codec empty: the ranks' default
     * @param depth empty: the ranks' default
     */
    record SaveAsked(
            JobName job,
            Step step,
            Optional<Codec> codec,
            Optional<VerifyDepth> depth,
            Map<String, String> metadata,
            ActorRef<Answer> replyTo)
            implements Question {
        public SaveAsked {
            metadata = Map.copyOf(metadata);
        }
    }

    /** Abort the open attempt of this step; whoever comes second learns the outcome that is there. */
    record CancelAsked(JobName job, Step step, ActorRef<Answer> replyTo) implements Question {}

    /** How does the save of this step stand? */
    record SaveViewAsked(JobName job, Step step, ActorRef<Answer> replyTo) implements Question {}

    /**
     * Verify a visible checkpoint on the workers. The same request id again joins the verification.
     *
     * @param ranks empty: all
     */
    record VerifyAsked(
            JobName job,
            Step step,
            String requestId,
            VerifyDepth depth,
            Optional<RankSet> ranks,
            ActorRef<Answer> replyTo)
            implements Question {}

    /** How does this verification stand? */
    record VerificationViewAsked(JobName job, Step step, String requestId, ActorRef<Answer> replyTo)
            implements Question {}

    /** How does this job-wide load stand? */
    record LoadViewAsked(JobName job, RunNumber run, long ordinal, ActorRef<Answer> replyTo) implements Question {}
}
