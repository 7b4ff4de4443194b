package dev.moorage.client.command;

import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Step;
import java.util.List;

/** Whoever knows the checkpoints: a cluster, or the store itself. Used by one thread. */
interface Library extends AutoCloseable {
    /** Names, sorted. */
    List<String> jobs();

    /**
     * Every step of a job, newest first.
     *
     * @throws dev.moorage.protocol.CheckpointException NOT_FOUND if there is no such job
     */
    List<Row> checkpoints(JobName job);

    /** One step with its shards. */
    Details details(JobName job, Step step);

    /**
     * The step that is meant.
     *
     * @param selector {@code latest}, {@code latest-verified} or a step, which is taken as it is
     */
    Chosen choose(JobName job, String selector);

    /** A check of every shard that was asked for. */
    CheckReport verify(CheckOrder order, ProgressLine progress);

    @Override
    void close();
}
