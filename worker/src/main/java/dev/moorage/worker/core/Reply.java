package dev.moorage.worker.core;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.RunNumber;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What a rank's call is answered with. */
public sealed interface Reply {
    /** The rank is in. */
    record Attached(AttachmentId attachment, RunNumber run) implements Reply {}

    /** A segment to fill. */
    record Leased(SegmentId segment, long bytes) implements Reply {}

    /** The shard is safe on this host. */
    record Staged(Crc32c crc) implements Reply {}

    /** How a step stands; empty if nothing is known of it here. */
    record Status(Optional<StepStatus> status) implements Reply {}

    /**
     * The rank's state, checked.
     *
     * @param passedOver newer steps that were not taken, and why; empty if there were none
     * @param shared whether other calls are answered with the same segments
     */
    record Loaded(
            AttemptId source, List<LoadedShard> shards, Map<String, String> metadata, String passedOver, boolean shared)
            implements Reply {
        public Loaded {
            shards = List.copyOf(shards);
            metadata = Map.copyOf(metadata);
        }
    }

    /** One shard of it. */
    record LoadedShard(WorkerEvent.SizedShard shard, SegmentId segment) {}

    /** The segment came back. */
    record Released() implements Reply {}

    /** The call failed. */
    record Refused(FailureKind kind, String message) implements Reply {}
}
