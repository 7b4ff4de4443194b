package dev.moorage.protocol.record;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.WorldSize;

/**
 * An entry of the job-state log: one decision, directly after the entry that it was decided on.
 *
 * @param seq position in the log, from 1
 * @param epoch of the coordinator that decided; an {@link Claim} raises it by one
 * @param previous nonce of the entry before, 32 zeros for the first
 * @param nonce marks this write
 * @param createdAtMillis wall clock in milliseconds since 1970, a label only
 */
public record StateEntry(long seq, Epoch epoch, Nonce previous, Nonce nonce, Event event, long createdAtMillis) {
    /** What the first entry of a log follows. */
    public static final Nonce BEFORE_FIRST = new Nonce("0".repeat(32));

    public StateEntry {
        requireNonNull(epoch);
        requireNonNull(previous);
        requireNonNull(nonce);
        requireNonNull(event);
        if (seq < 1) {
            throw CheckpointException.invalid("a state log starts at 1, was " + seq);
        }
    }

    /** What was decided. */
    public sealed interface Event {}

    /**
     * A coordinator takes the job over.
     *
     * @param owner for people: which node
     */
    public record Claim(String owner) implements Event {
        public Claim {
            requireNonNull(owner);
        }
    }

    /** A run begins; all lower ones are superseded. */
    public record Run(RunNumber run, RunToken token, WorldSize worldSize) implements Event {
        public Run {
            requireNonNull(run);
            requireNonNull(token);
            requireNonNull(worldSize);
        }
    }

    /**
     * Which step the ranks of a run get back.
     *
     * @param ordinal number of the job-wide load call within the run, from 0
     */
    public record Restore(RunNumber run, long ordinal, Step step) implements Event {
        public Restore {
            requireNonNull(run);
            requireNonNull(step);
            if (ordinal < 0) {
                throw CheckpointException.invalid("run " + run + ": negative ordinal of a load " + ordinal);
            }
        }
    }

    /** Which step a save that was triggered from outside means. */
    public record Trigger(String requestId, Step step) implements Event {
        public Trigger {
            requireNonNull(requestId);
            requireNonNull(step);
        }
    }
}
