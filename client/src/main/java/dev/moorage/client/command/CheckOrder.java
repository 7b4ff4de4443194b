package dev.moorage.client.command;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import java.time.Duration;
import java.util.List;

/**
 * A verification that is asked for.
 *
 * @param ranks empty: all
 * @param record whether the verdict is to be written beside the manifest; a cluster always does
 * @param deadline of the whole
 */
record CheckOrder(JobName job, Step step, VerifyDepth depth, RankSet ranks, boolean record, Duration deadline) {
    /**
     * Refuses ranks that the checkpoint does not have.
     *
     * @throws CheckpointException NOT_FOUND naming them
     */
    void checkRanks(int worldSize) {
        List<Rank> absent =
                ranks.ranks().filter(rank -> rank.value() >= worldSize).toList();
        if (!absent.isEmpty()) {
            throw CheckpointException.notFound("job " + job + " step " + step + " has no rank " + RankSet.of(absent)
                    + ": its ranks are 0 to " + (worldSize - 1));
        }
    }
}
