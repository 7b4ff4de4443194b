package dev.moorage.node.demo;

import dev.moorage.checkpoint.ManifestLog;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.record.PartHeader;
import dev.moorage.storage.ObjectStore;
import dev.moorage.storage.Stores;
import java.io.IOException;
import java.util.Set;
import java.util.stream.Collectors;

/** Who wrote a checkpoint, as its part records on the store say. */
final class Writers {
    private Writers() {}

    /** The lives of a worker in which it stored parts of the committed attempt of a step; empty without one. */
    static Set<Incarnation> of(String store, Step step, WorkerId worker) {
        try (ObjectStore objects = Stores.openForReading(store)) {
            ManifestLog log = new ManifestLog(objects, () -> 0);
            return log.attempts(new CheckpointId(Stage.JOB, step)).stream()
                    .flatMap(attempt -> attempt.committed().stream())
                    .flatMap(manifest -> manifest.parts().stream()
                            .map(part -> log.readHead(manifest.attempt(), part).header()))
                    .filter(header -> header.worker().equals(worker))
                    .map(PartHeader::incarnation)
                    .collect(Collectors.toSet());
        } catch (IOException closing) {
            throw new CheckpointException(
                    FailureKind.UNAVAILABLE, "closing the store " + store + " failed: " + closing, closing);
        }
    }
}
