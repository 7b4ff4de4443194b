package dev.moorage.protocol;

import static java.util.Objects.requireNonNull;

/** What a checkpoint is known by: a job and a step. */
public record CheckpointId(JobName job, Step step) {
    public CheckpointId {
        requireNonNull(job);
        requireNonNull(step);
    }

    /** The {@code number}-th try at saving this step. */
    public AttemptId attempt(int number) {
        return new AttemptId(job, step, new Attempt(number));
    }

    @Override
    public String toString() {
        return "job " + job + " step " + step;
    }
}
