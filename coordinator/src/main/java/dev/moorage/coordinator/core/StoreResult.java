package dev.moorage.coordinator.core;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.VerificationStatus;
import dev.moorage.protocol.record.Intent;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PartHeader;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.StateEntry;
import dev.moorage.protocol.record.Verdict;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What came of a {@link StoreOperation}. */
public sealed interface StoreResult {
    /**
     * It did not work out. What is tried again is tried with the same operation.
     *
     * @param reason for people
     */
    record Failed(FailureKind kind, String reason) implements StoreResult {
        /** Whether the same operation may work out later without anybody putting something right. */
        boolean isPassing() {
            return kind == FailureKind.UNAVAILABLE || kind == FailureKind.IN_DOUBT;
        }
    }

    /**
     * The job is this coordinator's.
     *
     * @param runs all that the log holds, ascending
     * @param restores all that the log holds
     */
    record Claimed(Epoch epoch, List<StateEntry.Run> runs, List<StateEntry.Restore> restores) implements StoreResult {
        public Claimed {
            runs = List.copyOf(runs);
            restores = List.copyOf(restores);
        }
    }

    /** The entry is in the log. */
    record Appended() implements StoreResult {}

    /** Another entry is there: somebody else has claimed the job. */
    record Fenced() implements StoreResult {}

    /** Steps with an open attempt. */
    record OpenSteps(List<CheckpointId> steps) implements StoreResult {
        public OpenSteps {
            steps = List.copyOf(steps);
        }
    }

    /** The challenge to pass on. */
    record ChallengeIssued(String challenge) implements StoreResult {}

    /** Whether the worker's answer is on this store. */
    record ChallengeChecked(boolean answered) implements StoreResult {}

    /**
     * All attempts of a step.
     *
     * @param attempts ascending
     * @param status of the visible one from all verdicts; NONE without one
     * @param verdicts of the visible one, ascending
     */
    record Walked(List<AttemptSeen> attempts, VerificationStatus status, List<Verdict> verdicts)
            implements StoreResult {
        public Walked {
            attempts = List.copyOf(attempts);
            verdicts = List.copyOf(verdicts);
        }

        /** The attempt that is a checkpoint. */
        Optional<AttemptSeen> visible() {
            return attempts.stream().filter(AttemptSeen::isVisible).findFirst();
        }

        /** The newest attempt. */
        Optional<AttemptSeen> last() {
            return attempts.isEmpty() ? Optional.empty() : Optional.of(attempts.get(attempts.size() - 1));
        }

        /** The attempt that has an intent and no outcome. */
        Optional<Intent> open() {
            return attempts.stream()
                    .filter(seen -> seen.outcome().isEmpty())
                    .flatMap(seen -> seen.intent().stream())
                    .findFirst();
        }
    }

    /** An attempt as the store holds it. */
    record AttemptSeen(AttemptId attempt, Optional<Intent> intent, Optional<Manifest> outcome, boolean deleted) {
        boolean isVisible() {
            return !deleted && committed().isPresent();
        }

        Optional<Manifest.Committed> committed() {
            return outcome.filter(Manifest.Committed.class::isInstance).map(Manifest.Committed.class::cast);
        }
    }

    /** The intent is there, or another one was there first. */
    record Opened(boolean won) implements StoreResult {}

    /** The part record as the store holds it; empty if there is none. */
    record PartRead(Optional<PartSeen> part) implements StoreResult {}

    /** A part record: what it says and what the manifest will say of it. */
    record PartSeen(PartHeader header, PartRef ref) {}

    /**
     * One listing of the attempt's records and shards.
     *
     * @param parts length of each record
     * @param shards length of each shard object, by key
     */
    record InventoryTaken(Map<PartNumber, Long> parts, Map<String, Long> shards) implements StoreResult {
        public InventoryTaken {
            parts = Map.copyOf(parts);
            shards = Map.copyOf(shards);
        }
    }

    /** What is in the register. */
    record Closed(Manifest found) implements StoreResult {}

    /** Whether the checkpoint has an index of its tensors now. */
    record Indexed(boolean there) implements StoreResult {}

    /** The heads in the order that was asked for. */
    record HeadsRead(List<HeadSeen> heads) implements StoreResult {
        public HeadsRead {
            heads = List.copyOf(heads);
        }
    }

    /**
     * The head of one part, or why it could not be read.
     *
     * @param header empty for a failure
     * @param failure empty for success
     */
    record HeadSeen(PartRef ref, Optional<PartHeader> header, Optional<FailureKind> failure, String reason) {}

    /** The verdict with its number, and what all verdicts say together now. */
    record VerdictWritten(Verdict verdict, VerificationStatus status) implements StoreResult {}

    /**
     * The checkpoint to load.
     *
     * @param passedOver for people: newer ones and why not; empty if none
     */
    record Chosen(Manifest.Committed manifest, List<HeadSeen> heads, String passedOver) implements StoreResult {
        public Chosen {
            heads = List.copyOf(heads);
        }
    }
}
