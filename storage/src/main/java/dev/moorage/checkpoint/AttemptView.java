package dev.moorage.checkpoint;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointState;
import dev.moorage.protocol.record.Intent;
import dev.moorage.protocol.record.Manifest;
import java.util.Optional;

/**
 * What the store has of an attempt.
 *
 * @param outcome empty while the attempt is open
 * @param deleted whether there is a tombstone
 */
public record AttemptView(AttemptId id, Optional<Intent> intent, Optional<Manifest> outcome, boolean deleted) {
    public AttemptView {
        requireNonNull(id);
        requireNonNull(intent);
        requireNonNull(outcome);
    }

    /** Whether the next attempt may begin: aborted, or committed and deleted. */
    public boolean isClosed() {
        return outcome.isPresent() && (deleted || outcome.get() instanceof Manifest.Aborted);
    }

    /** Whether this attempt is the checkpoint: committed and not deleted. */
    public boolean isVisible() {
        return committed().isPresent() && !deleted;
    }

    /** The commit, also of a checkpoint that is deleted by now. */
    public Optional<Manifest.Committed> committed() {
        return outcome.filter(Manifest.Committed.class::isInstance).map(Manifest.Committed.class::cast);
    }

    /** Where the attempt stands, as far as the store knows: an open one is UPLOADING. */
    public CheckpointState state() {
        if (outcome.isEmpty()) {
            return CheckpointState.UPLOADING;
        }
        if (outcome.get() instanceof Manifest.Aborted) {
            return CheckpointState.ABORTED;
        }
        return deleted ? CheckpointState.DELETED : CheckpointState.COMMITTED;
    }

    /** When the last of its records was made: wall clock in milliseconds since 1970, 0 without any. A label only. */
    long createdAtMillis() {
        if (outcome.isPresent()) {
            return outcome.get() instanceof Manifest.Aborted aborted
                    ? aborted.createdAtMillis()
                    : committed().orElseThrow().createdAtMillis();
        }
        return intent.map(Intent::createdAtMillis).orElse(0L);
    }

    /** Why it is not a checkpoint, for people; empty for one that is. */
    public String reason() {
        return switch (state()) {
            case COMMITTED -> "";
            case ABORTED ->
                "attempt " + id.attempt() + " was aborted: " + ((Manifest.Aborted) outcome.orElseThrow()).reason();
            case DELETED -> "attempt " + id.attempt() + " is deleted";
            case STAGING, UPLOADING, SEALING -> "attempt " + id.attempt() + " has no outcome yet";
        };
    }
}
