package dev.moorage.client;

import dev.moorage.protocol.CheckpointException;
import java.nio.file.Path;

/**
 * Shared memory of this host, lent by its worker.
 *
 * @param name names it to the worker
 * @param file absolute path of the file that is the memory
 * @param bytes its length, at least what was asked for
 */
public record Segment(String name, Path file, long bytes) {
    public Segment {
        if (!file.isAbsolute()) {
            throw CheckpointException.invalid("the worker named segment " + name + " by a relative path: " + file);
        }
    }
}
