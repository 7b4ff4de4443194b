package dev.moorage.worker.core;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.record.PlannedShard;
import java.util.List;
import java.util.Optional;

/** What a worker does. The effects of one event are to be begun in their order. */
public sealed interface WorkerEffect {
    /** Says something to the coordinator of a job. May be lost. */
    record Send(ToCoordinator message) implements WorkerEffect {}

    /** Sends {@link ToCoordinator.Register}, with the address that the core does not know. */
    record Register(JobName job, Optional<RunNumber> run) implements WorkerEffect {}

    /** Answers a call. */
    record Answer(long request, Reply reply) implements WorkerEffect {}

    /** Tells a caller of load how far it is. */
    record TellLoad(long request, long bytesDone, long bytesTotal) implements WorkerEffect {}

    /** Reads the challenge and answers it on the store. Reports {@link WorkerEvent.ChallengeTried}. */
    record TryChallenge(JobName job, String challenge) implements WorkerEffect {}

    /** Makes the segment's file. Reports Allocated or AllocationFailed. */
    record Allocate(SegmentId segment, long bytes) implements WorkerEffect {}

    /**
     * Sums the shard, writes its sidecar. Reports Sealed or SealFailed.
     *
     * @param draft the sidecar, whose sum is still to come
     */
    record Seal(StagedRecord draft) implements WorkerEffect {}

    /** Sums what the call brought along; no sidecar. Reports Sealed or SealFailed. */
    record SealReference(long request, StagedRecord draft) implements WorkerEffect {}

    /** Removes the sidecar. Reports RecordCleared. */
    record ClearRecord(SegmentId segment) implements WorkerEffect {}

    /** Removes the sidecar, then the segment, or forgets a reference. Reports Discarded. */
    record Discard(SegmentId segment) implements WorkerEffect {}

    /** Stores the shards and then their part record. Reports Uploaded or UploadFailed, and UploadMoved on the way. */
    record StartUpload(AttemptId attempt, RunNumber run, PartNumber part, Codec codec, List<HeldShard> shards)
            implements WorkerEffect {
        public StartUpload {
            shards = List.copyOf(shards);
        }
    }

    /** A shard that was promised, and the segment with its bytes. */
    record HeldShard(PlannedShard shard, SegmentId segment) {}

    /** Stops an upload; nothing is reported. */
    record CancelUpload(AttemptId attempt, PartNumber part) implements WorkerEffect {}

    /** Verifies. Reports Checked, and CheckMoved on the way. */
    record StartCheck(ToWorker.CheckShards order) implements WorkerEffect {}

    /** Reads the part records. Reports LoadSized or LoadFailed. */
    record StartLoad(long load, AttemptId source, List<ToWorker.ShardToLoad> shards) implements WorkerEffect {
        public StartLoad {
            shards = List.copyOf(shards);
        }
    }

    /**
     * Looks for the rank's shards in the visible attempt of the step. Reports LoadSized or LoadFailed.
     *
     * @param replicated whether the rank gets a replicated shard, too
     */
    record StartLocalLoad(long load, CheckpointId checkpoint, Rank rank, boolean replicated) implements WorkerEffect {}

    /** Fetches and checks into these segments, in the order of LoadSized. Reports LoadReady or LoadFailed. */
    record FillLoad(long load, List<Room> rooms) implements WorkerEffect {
        public FillLoad {
            rooms = List.copyOf(rooms);
        }

        /**
         * Where a shard goes.
         *
         * @param from whose file, as long as the shard, gets this name; empty: a file is made. A name is never used twice, so
         *     that a late release of what was there before means nothing
         */
        public record Room(SegmentId segment, Optional<SegmentId> from) {}
    }

    /** Stops a load; nothing is reported. Its segments are discarded by effects of their own. */
    record CancelLoad(long load) implements WorkerEffect {}

    /** Reads the register of an attempt. Reports OutcomeRead. */
    record ReadOutcome(AttemptId attempt) implements WorkerEffect {}
}
