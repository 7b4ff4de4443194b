package dev.moorage.client.command;

import dev.moorage.protocol.JobName;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import java.time.Duration;

/**
 * A verification that is asked for.
 *
 * @param ranks empty: all
 * @param record whether the verdict is to be written beside the manifest; a cluster always does
 * @param deadline of the whole
 */
record CheckOrder(JobName job, Step step, VerifyDepth depth, RankSet ranks, boolean record, Duration deadline) {}
