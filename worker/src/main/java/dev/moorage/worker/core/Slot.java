package dev.moorage.worker.core;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import java.util.Optional;

/** A segment in the table. */
final class Slot {
    /** Whose buffers these are: at most two of each. */
    record Key(JobName job, Rank rank, ShardKind kind) {}

    final SegmentId id;
    final Key key;
    /** Length of the file; for a reference that of the shard, which costs nothing here. */
    final long bytes;
    /** Bytes that stay where they are, in an embedded cluster. */
    final boolean reference;

    SegmentState state;

    Slot(SegmentId id, Key key, long bytes, boolean reference, SegmentState state) {
        this.id = id;
        this.key = key;
        this.bytes = bytes;
        this.reference = reference;
        this.state = state;
    }

    Optional<StagedRecord> record() {
        return state.record();
    }

    boolean isStaged() {
        return state instanceof SegmentState.Staged;
    }

    boolean isReading() {
        return state instanceof SegmentState.Reading;
    }

    boolean isReading(AttemptId attempt) {
        return state instanceof SegmentState.Reading reading
                && reading.attempt().equals(attempt);
    }

    boolean isLoad() {
        return state instanceof SegmentState.Loading || state instanceof SegmentState.Loaded;
    }

    boolean isGoing() {
        return state instanceof SegmentState.Discarding;
    }

    boolean holds(Step step) {
        return record().map(record -> record.terms().step().equals(step)).orElse(false);
    }

    /** Whose process may have it mapped and may be given it again. */
    Optional<AttachmentId> owner() {
        if (state instanceof SegmentState.Allocating allocating) {
            return Optional.of(allocating.owner());
        }
        if (state instanceof SegmentState.Filling filling) {
            return Optional.of(filling.owner());
        }
        if (state instanceof SegmentState.Sealing sealing) {
            return Optional.of(sealing.owner());
        }
        if (state instanceof SegmentState.Staged staged) {
            return staged.owner();
        }
        if (state instanceof SegmentState.Reading reading) {
            return reading.owner();
        }
        if (state instanceof SegmentState.Clearing clearing) {
            return Optional.of(clearing.owner());
        }
        if (state instanceof SegmentState.Free free) {
            return Optional.of(free.owner());
        }
        return state instanceof SegmentState.Loaded loaded ? Optional.of(loaded.owner()) : Optional.empty();
    }
}
