package dev.moorage.checkpoint;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.Attempt;
import dev.moorage.protocol.CheckpointState;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerificationStatus;
import dev.moorage.protocol.WorldSize;
import java.util.Optional;

/**
 * A step of a job in one line: its visible attempt, else its last one.
 *
 * @param state empty if a record of the step does not hold; {@code reason} says which
 * @param run whose ranks staged it, where a record says so
 * @param rawBytes of all shards before compression, 0 where unknown
 * @param storedBytes of all shard objects, 0 unless committed
 * @param status NONE unless committed; CORRUPT also if a record does not hold
 * @param createdAtMillis of the last record, wall clock since 1970, 0 where unknown; a label only
 * @param reason why it is not a checkpoint, or what does not hold; empty otherwise
 */
public record CheckpointSummary(
        Step step,
        Optional<CheckpointState> state,
        Optional<Attempt> attempt,
        Optional<RunNumber> run,
        Optional<WorldSize> worldSize,
        long rawBytes,
        long storedBytes,
        VerificationStatus status,
        long createdAtMillis,
        String reason) {
    public CheckpointSummary {
        requireNonNull(step);
        requireNonNull(state);
        requireNonNull(attempt);
        requireNonNull(run);
        requireNonNull(worldSize);
        requireNonNull(status);
        requireNonNull(reason);
    }

    static CheckpointSummary committed(AttemptView view, VerificationStatus status, String reason) {
        var manifest = view.committed().orElseThrow();
        return new CheckpointSummary(
                view.id().step(),
                Optional.of(view.state()),
                Optional.of(view.id().attempt()),
                Optional.of(manifest.run()),
                Optional.of(manifest.spec().worldSize()),
                manifest.rawBytes(),
                manifest.storedBytes(),
                status,
                manifest.createdAtMillis(),
                reason);
    }

    /** Of an attempt without a commit. */
    static CheckpointSummary unfinished(AttemptView view) {
        return new CheckpointSummary(
                view.id().step(),
                Optional.of(view.state()),
                Optional.of(view.id().attempt()),
                view.intent().map(intent -> intent.run()),
                view.intent().map(intent -> intent.spec().worldSize()),
                view.intent()
                        .map(intent -> intent.parts().stream()
                                .mapToLong(part -> part.rawBytes())
                                .sum())
                        .orElse(0L),
                0,
                VerificationStatus.NONE,
                view.createdAtMillis(),
                view.reason());
    }

    /** Of a step with a record that does not hold. */
    static CheckpointSummary damaged(Step step, String reason) {
        return new CheckpointSummary(
                step,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                0,
                0,
                VerificationStatus.CORRUPT,
                0,
                reason);
    }
}
