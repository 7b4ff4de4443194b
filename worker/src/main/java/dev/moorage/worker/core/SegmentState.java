package dev.moorage.worker.core;

import dev.moorage.protocol.AttemptId;
import java.util.Optional;

/**
 * What a segment is used for.
 *
 * <pre>
 * Allocating -> Filling -> Sealing -> Staged <-> Reading -> Clearing -> Free -> Filling
 *                  |                     |          |          |         |
 *                  '--revoked------------'----------'----------'---------'--> Discarding
 * Free -> Loading -> Loaded -> Free
 *            |          |
 *            '----------'--> Discarding
 * </pre>
 *
 * A segment whose rank is gone is discarded and never filled again by another process: the old one may still have it mapped.
 */
sealed interface SegmentState {
    /** Whose bytes it holds, if it is staged. */
    default Optional<StagedRecord> record() {
        return Optional.empty();
    }

    /** Its file is being made. */
    record Allocating(long request, AttachmentId owner) implements SegmentState {}

    /** Its rank writes into it. */
    record Filling(AttachmentId owner) implements SegmentState {}

    /** It is summed and its sidecar written. */
    record Sealing(long request, AttachmentId owner, StagedRecord draft) implements SegmentState {}

    /** It holds a shard of a step; {@code owner} is who filled it in this life of the daemon. */
    record Staged(StagedRecord staged, Optional<AttachmentId> owner) implements SegmentState {
        @Override
        public Optional<StagedRecord> record() {
            return Optional.of(staged);
        }
    }

    /** An attempt stores it: it stays until the outcome is known. */
    record Reading(StagedRecord staged, Optional<AttachmentId> owner, AttemptId attempt) implements SegmentState {
        @Override
        public Optional<StagedRecord> record() {
            return Optional.of(staged);
        }
    }

    /** Its sidecar is being removed. */
    record Clearing(AttachmentId owner) implements SegmentState {}

    /** It is warm and empty, for the next lease of the same rank's process. */
    record Free(AttachmentId owner) implements SegmentState {}

    /** It is being removed. */
    record Discarding() implements SegmentState {}

    /** A shard is fetched into it, hidden. */
    record Loading(long load) implements SegmentState {}

    /**
     * It was handed out with loaded state.
     *
     * @param shared to several callers: what one of them gives back the others may still read
     */
    record Loaded(AttachmentId owner, boolean shared) implements SegmentState {}
}
