package dev.moorage.protocol.cluster;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.CheckpointState;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerificationStatus;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.record.Finding;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;

/** What a question is answered with. */
public sealed interface Answer extends ClusterMessage {
    /** The question cannot be met. */
    record Refused(FailureKind kind, String message) implements Answer {}

    /**
     * How the save of a step stands.
     *
     * @param attempt number of the newest attempt, 0 before the first
     * @param run number of the run whose ranks stage it, 0 while none is known
     * @param worldSize of that run, 0 while none is known
     * @param staged ranks that have staged the step
     * @param missing ranks that have not
     * @param rawBytes of all shards
     * @param rawBytesDone compressed and uploaded
     * @param storedBytesDone written to the store
     * @param already whether an earlier call had committed it
     * @param reason of an abort, or what it waits for
     * @param verification that follows the commit; empty while there is none
     */
    record SaveView(
            JobName job,
            Step step,
            CheckpointState state,
            int attempt,
            long run,
            int worldSize,
            RankSet staged,
            RankSet missing,
            long rawBytes,
            long rawBytesDone,
            long storedBytesDone,
            int parts,
            int partsDone,
            boolean already,
            String reason,
            Optional<VerificationView> verification)
            implements Answer {
        public SaveView {
            counts(attempt, run, worldSize, rawBytes, rawBytesDone, storedBytesDone, parts, partsDone);
        }
    }

    /**
     * How a verification stands.
     *
     * @param running whether its verdict is still to come
     * @param bytesTotal of the stored objects that are looked at
     * @param bytesDone of them so far
     * @param verdict number of the verdict; 0 while running
     * @param result empty while running
     * @param independentReader whether no shard was looked at by the worker that stored it
     * @param status of the checkpoint from all of its verdicts
     * @param findings at most 50
     */
    record VerificationView(
            JobName job,
            Step step,
            String requestId,
            VerifyDepth depth,
            boolean running,
            long bytesTotal,
            long bytesDone,
            int shards,
            int shardsDone,
            int verdict,
            Optional<VerdictResult> result,
            boolean independentReader,
            VerificationStatus status,
            List<Finding> findings)
            implements Answer {
        public VerificationView {
            counts(bytesTotal, bytesDone, shards, shardsDone, verdict);
            findings = List.copyOf(findings);
        }
    }

    /**
     * How a job-wide load stands.
     *
     * @param step the candidate, or what was decided; empty before the first candidate
     * @param waiting ranks that have asked
     * @param missing ranks that have not
     * @param prepared how many ranks hold their checked state
     * @param decided whether all ranks were told
     * @param failure empty unless it failed
     * @param reason of the failure, or what was passed over
     */
    record LoadView(
            JobName job,
            RunNumber run,
            long ordinal,
            Optional<Step> step,
            RankSet waiting,
            RankSet missing,
            int prepared,
            boolean decided,
            Optional<FailureKind> failure,
            String reason)
            implements Answer {
        public LoadView {
            counts(ordinal, prepared);
        }
    }

    /**
     * A worker as it sees itself.
     *
     * @param socket absolute path of its unix socket; empty when it serves none
     * @param jobs whose ranks or staged bytes it holds
     * @param attached how many ranks are attached
     * @param stagedBytes in segments
     * @param stagingBytesMax budget of its segments
     * @param version of the software
     */
    record WorkerView(
            WorkerId worker,
            Incarnation incarnation,
            String host,
            String socket,
            List<JobName> jobs,
            int attached,
            long stagedBytes,
            long stagingBytesMax,
            String version)
            implements Answer {
        public WorkerView {
            counts(attached, stagedBytes, stagingBytesMax);
            jobs = List.copyOf(jobs);
        }
    }

    private static void counts(long... counts) {
        if (LongStream.of(counts).anyMatch(count -> count < 0)) {
            throw CheckpointException.invalid("a view counts from 0, was " + Arrays.toString(counts));
        }
    }
}
