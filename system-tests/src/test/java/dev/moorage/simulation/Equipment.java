package dev.moorage.simulation;

import dev.moorage.checkpoint.BufferPool;
import dev.moorage.checkpoint.Lanes;
import dev.moorage.protocol.WorkerId;
import dev.moorage.worker.staging.Staging;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What all simulated workers of a JVM share, as none of it decides anything. One lane: what is read for a caller is read in
 * order.
 *
 * @param staging that nothing is ever staged in: simulated segments are in memory
 */
record Equipment(BufferPool buffers, Lanes lanes, Staging staging) {
    private static Equipment shared;

    static synchronized Equipment shared() {
        if (shared == null) {
            shared = make();
        }
        return shared;
    }

    private static Equipment make() {
        try {
            Path folder = Files.createTempDirectory("moorage-simulation");
            Staging staging = Staging.open(folder.resolve("staging"), new WorkerId("nobody"));
            return new Equipment(new BufferPool(64L << 20), new Lanes(1, "simulation"), staging);
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        }
    }
}
