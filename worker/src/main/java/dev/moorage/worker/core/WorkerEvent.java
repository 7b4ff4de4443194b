package dev.moorage.worker.core;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.record.Finding;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PartRef;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What can happen to a worker. */
public sealed interface WorkerEvent {
    /** A call of a rank, answered by exactly one {@link WorkerEffect.Answer} with its number. */
    sealed interface HostCall extends WorkerEvent {
        /** Numbers the call; the caller chooses it, once each. */
        long request();
    }

    /** A rank joins its run. */
    record AttachCalled(long request, Attachment who) implements HostCall {}

    /**
     * A rank wants a segment to fill.
     *
     * @param step for which it is meant, if the rank says so: names what is skipped when there is no room
     */
    record LeaseCalled(long request, AttachmentId attachment, ShardKind kind, long bytes, Optional<Step> step)
            implements HostCall {}

    /** The rank has filled the segment. */
    record StageCalled(long request, AttachmentId attachment, SegmentId segment, StageTerms terms)
            implements HostCall {}

    /** The rank hands over bytes that stay where they are; embedded clusters only. */
    record ReferenceCalled(long request, AttachmentId attachment, StageTerms terms) implements HostCall {}

    /** How does the save of this step stand? */
    record StatusCalled(long request, AttachmentId attachment, Step step) implements HostCall {}

    /**
     * A rank wants its state back.
     *
     * @param ordinal the rank's how-manieth job-wide load, from 0; of no meaning for a local one
     * @param local this rank alone: no barrier, an explicit step
     */
    record LoadCalled(long request, AttachmentId attachment, String selector, long ordinal, boolean local)
            implements HostCall {}

    /** A segment comes back: one that was leased and not staged, or one that was loaded. */
    record ReleaseCalled(long request, AttachmentId attachment, SegmentId segment) implements HostCall {}

    /** The rank is gone, or says good-bye. */
    record AttachmentEnded(AttachmentId attachment) implements WorkerEvent {}

    /** The segment's file is there, full of zeros. */
    record Allocated(SegmentId segment) implements WorkerEvent {}

    /** There is no such file. */
    record AllocationFailed(SegmentId segment, FailureKind kind, String reason) implements WorkerEvent {}

    /** The shard is summed and its sidecar is safe. */
    record Sealed(SegmentId segment, Crc32c crc) implements WorkerEvent {}

    /** The shard could not be read or is not what it was said to be, or its sidecar could not be written. */
    record SealFailed(SegmentId segment, FailureKind kind, String reason) implements WorkerEvent {}

    /** The sidecar is gone, so that the segment may be filled again. */
    record RecordCleared(SegmentId segment) implements WorkerEvent {}

    /** Segment and sidecar are gone. */
    record Discarded(SegmentId segment) implements WorkerEvent {}

    /**
     * The challenge was tried.
     *
     * @param reached whether the store answered; whether it is the right store is the coordinator's to judge
     */
    record ChallengeTried(JobName job, String challenge, boolean reached) implements WorkerEvent {}

    /** A part record is on the store, this worker's or an earlier one. */
    record Uploaded(AttemptId attempt, PartNumber part, PartRef record) implements WorkerEvent {}

    /**
     * A part was given up.
     *
     * @param spoiled segments that were written to after they had been staged
     */
    record UploadFailed(AttemptId attempt, PartNumber part, boolean retryable, String reason, Set<SegmentId> spoiled)
            implements WorkerEvent {
        public UploadFailed {
            spoiled = Set.copyOf(spoiled);
        }
    }

    /** How far an upload is; raw and stored bytes since its start. */
    record UploadMoved(AttemptId attempt, PartNumber part, long rawBytes, long storedBytes) implements WorkerEvent {}

    /** How far a check is; stored bytes since its start. */
    record CheckMoved(CheckKey check, long storedBytes) implements WorkerEvent {}

    /** A check has ended. */
    record Checked(CheckKey check, CheckResult result) implements WorkerEvent {}

    /**
     * What is asked for in one check of one part. A request id says nothing by itself: a coordinator that has forgotten it
     * may give it to another depth or other shards, which no older answer is proof of.
     */
    record CheckKey(AttemptId attempt, String requestId, PartNumber part, VerifyDepth depth, List<ShardId> shards) {
        public CheckKey {
            shards = List.copyOf(shards);
        }

        /** The key of an order. */
        public static CheckKey of(ToWorker.CheckShards order) {
            return new CheckKey(order.attempt(), order.requestId(), order.part().part(), order.depth(), order.shards());
        }
    }

    /**
     * What a check found.
     *
     * @param shards how many were looked at
     * @param bytesRead from the store
     * @param proven for people: what was proven
     * @param findings at most 50
     */
    record CheckResult(VerdictResult result, int shards, long bytesRead, String proven, List<Finding> findings) {
        public CheckResult {
            findings = List.copyOf(findings);
        }
    }

    /**
     * The part records of a load are read.
     *
     * @param load number that {@link WorkerEffect.StartLoad} gave it
     * @param source what is loaded
     * @param metadata of the user
     */
    record LoadSized(long load, AttemptId source, List<SizedShard> shards, Map<String, String> metadata)
            implements WorkerEvent {
        public LoadSized {
            shards = List.copyOf(shards);
            metadata = Map.copyOf(metadata);
        }
    }

    /** A shard that is going to be loaded. */
    record SizedShard(ShardKind kind, ShardFormat format, long bytes, Crc32c crc) {}

    /** Every sum holds; the segments are whole. */
    record LoadReady(long load) implements WorkerEvent {}

    /** It cannot be loaded. */
    record LoadFailed(long load, FailureKind kind, String reason) implements WorkerEvent {}

    /** How far a load is; raw bytes since its start. */
    record LoadMoved(long load, long bytes) implements WorkerEvent {}

    /** The register of an attempt was read; empty while it is open or could not be read. */
    record OutcomeRead(AttemptId attempt, Optional<Manifest> outcome) implements WorkerEvent {}

    /** A coordinator says something. */
    record Told(ToWorker.FromCoordinator message) implements WorkerEvent {}

    /** Time has passed. At least once a second. */
    record Tick() implements WorkerEvent {}
}
