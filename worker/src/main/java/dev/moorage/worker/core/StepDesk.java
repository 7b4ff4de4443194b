package dev.moorage.worker.core;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.CheckpointState;
import dev.moorage.protocol.PartNumber;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What is known of one step: its newest attempt, this worker's parts of it, how it ended. */
final class StepDesk {
    final CheckpointId checkpoint;
    /** Number of the newest attempt that was heard of, 0 before the first. */
    int attempt;
    /** This worker's parts of that attempt. */
    final Map<PartNumber, PartWork> parts = new TreeMap<>();
    /** How that attempt ended; empty while it is open. */
    Optional<StepStatus> outcome = Optional.empty();
    /** Why there is no attempt at what is staged now. */
    Optional<String> ended = Optional.empty();
    /** Whether a coordinator has shown that it knows of the staged shards. */
    boolean answered;
    /** When a coordinator last said something about it, or the worker itself looked. */
    long lastOrder;

    StepDesk(CheckpointId checkpoint) {
        this.checkpoint = checkpoint;
    }

    boolean isCurrent(AttemptId id) {
        return id.attempt().value() == attempt && outcome.isEmpty();
    }

    AttemptId current() {
        return checkpoint.attempt(attempt);
    }

    /** @param staged whether shards of the step are staged here */
    Optional<StepStatus> status(boolean staged) {
        if (outcome.isPresent()) {
            return outcome;
        }
        if (attempt == 0) {
            StepStatus now = ended.map(reason -> new StepStatus(CheckpointState.ABORTED, 0, reason))
                    .orElseGet(() -> new StepStatus(CheckpointState.STAGING, 0, ""));
            return staged ? Optional.of(now) : Optional.empty();
        }
        boolean sealing = !parts.isEmpty() && parts.values().stream().allMatch(PartWork::isDone);
        return Optional.of(new StepStatus(sealing ? CheckpointState.SEALING : CheckpointState.UPLOADING, attempt, ""));
    }
}
