package dev.moorage.protocol;

import static java.util.Objects.requireNonNull;

/** One try at saving one step of one job. */
public record AttemptId(JobName job, Step step, Attempt attempt) {
    public AttemptId {
        requireNonNull(job);
        requireNonNull(step);
        requireNonNull(attempt);
    }

    /** The checkpoint that this is a try at. */
    public CheckpointId checkpoint() {
        return new CheckpointId(job, step);
    }

    /** The try after this one. */
    public AttemptId next() {
        return new AttemptId(job, step, new Attempt(attempt.value() + 1));
    }

    @Override
    public String toString() {
        return "job " + job + " step " + step + " attempt " + attempt;
    }
}
