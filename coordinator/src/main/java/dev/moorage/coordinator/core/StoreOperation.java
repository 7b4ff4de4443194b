package dev.moorage.coordinator.core;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.record.Finding;
import dev.moorage.protocol.record.Intent;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.StateEntry;
import java.util.List;
import java.util.Map;

/**
 * Something to ask of the store, as data. Answered by exactly one {@link JobEvent.Stored} with the same operation. All are
 * idempotent: a write keeps its nonce when it is tried again.
 */
public sealed interface StoreOperation {
    /** About the job-state log. At most one is under way at a time. */
    sealed interface OfLog extends StoreOperation {}

    /** About who a worker is. */
    sealed interface OfRegistration extends StoreOperation {
        Incarnation incarnation();
    }

    /** About the save of one step. */
    sealed interface OfSave extends StoreOperation {
        CheckpointId checkpoint();
    }

    /** About one verification. */
    sealed interface OfVerification extends StoreOperation {
        CheckpointId checkpoint();

        String requestId();
    }

    /** About one job-wide load. */
    sealed interface OfLoad extends StoreOperation {
        RunNumber run();

        long ordinal();
    }

    /** Take the job over: the next epoch. Answered by {@link StoreResult.Claimed}. */
    record Claim(String owner) implements OfLog {}

    /** Log a decision directly after the last entry that is known. Answered by Appended or Fenced. */
    record Append(StateEntry.Event event) implements OfLog {}

    /** Which steps have an attempt with an intent and no outcome? Answered by {@link StoreResult.OpenSteps}. */
    record FindOpen() implements OfLog {}

    /** Write a challenge object. Answered by {@link StoreResult.ChallengeIssued}. */
    record IssueChallenge(Incarnation incarnation) implements OfRegistration {}

    /** Was it answered? The objects are removed if so. Answered by {@link StoreResult.ChallengeChecked}. */
    record CheckChallenge(Incarnation incarnation, String challenge) implements OfRegistration {}

    /** All attempts of the step. Answered by {@link StoreResult.Walked}. */
    record Walk(CheckpointId checkpoint) implements OfSave {}

    /** Create the intent. Answered by {@link StoreResult.Opened}. */
    record Open(Intent intent) implements OfSave {
        @Override
        public CheckpointId checkpoint() {
            return intent.attempt().checkpoint();
        }
    }

    /** Read the head of a part record. Answered by {@link StoreResult.PartRead}. */
    record ReadPart(AttemptId attempt, PartNumber part) implements OfSave {
        @Override
        public CheckpointId checkpoint() {
            return attempt.checkpoint();
        }
    }

    /**
     * List what the attempt has stored. Answered by {@link StoreResult.InventoryTaken}.
     *
     * @param adopting true: to find the records of a coordinator before; false: before the outcome
     */
    record TakeInventory(AttemptId attempt, boolean adopting) implements OfSave {
        @Override
        public CheckpointId checkpoint() {
            return attempt.checkpoint();
        }
    }

    /** Create the outcome. Answered by {@link StoreResult.Closed} with what is in the register. */
    record Close(Manifest proposed) implements OfSave {
        @Override
        public CheckpointId checkpoint() {
            return proposed.attempt().checkpoint();
        }
    }

    /**
     * Make the index of tensors of a checkpoint. Answered by {@link StoreResult.Indexed}; nobody waits for it, as every reader
     * does without.
     */
    record IndexTensors(Manifest.Committed manifest) implements OfSave {
        @Override
        public CheckpointId checkpoint() {
            return manifest.attempt().checkpoint();
        }
    }

    /** The visible attempt of the step. Answered by {@link StoreResult.Walked}. */
    record FindVisible(CheckpointId checkpoint, String requestId) implements OfVerification {}

    /** Read the heads of these parts. Answered by {@link StoreResult.HeadsRead}. */
    record ReadHeads(AttemptId attempt, String requestId, List<PartRef> parts) implements OfVerification {
        public ReadHeads {
            parts = List.copyOf(parts);
        }

        @Override
        public CheckpointId checkpoint() {
            return attempt.checkpoint();
        }
    }

    /** Write the next verdict. Answered by {@link StoreResult.VerdictWritten}. */
    record WriteVerdict(AttemptId attempt, String requestId, VerdictDraft draft) implements OfVerification {
        @Override
        public CheckpointId checkpoint() {
            return attempt.checkpoint();
        }
    }

    /**
     * A verdict without its number.
     *
     * @param findings at most 1,000
     */
    record VerdictDraft(
            VerifyDepth depth,
            VerdictResult result,
            boolean allShards,
            boolean independentReader,
            String proven,
            int shards,
            long bytesRead,
            List<Finding> findings,
            Nonce nonce,
            long createdAtMillis) {
        public VerdictDraft {
            findings = List.copyOf(findings);
        }
    }

    /**
     * Choose the checkpoint that a load should read, with the heads of its parts. Answered by {@link StoreResult.Chosen}.
     *
     * @param refused steps that turned out to be bad, and why
     */
    record Choose(RunNumber run, long ordinal, String selector, Map<Step, String> refused) implements OfLoad {
        public Choose {
            refused = Map.copyOf(refused);
        }
    }
}
