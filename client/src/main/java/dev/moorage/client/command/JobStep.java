package dev.moorage.client.command;

import dev.moorage.checkpoint.Selector;
import dev.moorage.protocol.JobName;
import picocli.CommandLine.Parameters;

/** Which checkpoint is meant: the arguments of every command that reads one. */
final class JobStep {
    @Parameters(index = "0", paramLabel = "JOB", description = "The job.")
    private String job;

    @Parameters(index = "1", paramLabel = "STEP", description = "The step, latest or latest-verified.")
    private String step;

    /** INVALID if it is no name of a job. */
    JobName job() {
        return new JobName(job);
    }

    /** As it was given. */
    String step() {
        return step;
    }

    /** INVALID if it is no step. */
    Selector selector() {
        return Selector.parse(step);
    }
}
