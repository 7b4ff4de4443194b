package dev.moorage.worker.core;

import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.JobName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The steps that this worker has heard of, those without shards here only for as long as there is room. */
final class Steps {
    private static final int STEPS_MAX = 1_024;

    private final SegmentTable segments;
    private final Map<CheckpointId, StepDesk> steps = new LinkedHashMap<>();

    Steps(SegmentTable segments) {
        this.segments = segments;
    }

    StepDesk open(CheckpointId checkpoint) {
        StepDesk found = steps.get(checkpoint);
        if (found != null) {
            return found;
        }
        if (steps.size() >= STEPS_MAX) {
            steps.values().stream()
                    .filter(step -> segments.holding(step.checkpoint).findAny().isEmpty())
                    .findFirst()
                    .ifPresent(step -> steps.remove(step.checkpoint));
        }
        StepDesk step = new StepDesk(checkpoint);
        steps.put(checkpoint, step);
        return step;
    }

    Optional<StepDesk> find(CheckpointId checkpoint) {
        return Optional.ofNullable(steps.get(checkpoint));
    }

    List<StepDesk> of(JobName job) {
        return steps.values().stream()
                .filter(step -> step.checkpoint.job().equals(job))
                .toList();
    }

    List<StepDesk> all() {
        return new ArrayList<>(steps.values());
    }
}
