package dev.moorage.worker.host;

import dev.moorage.worker.core.SegmentId;
import java.nio.file.Path;

/**
 * A shared-memory file of the staging directory.
 *
 * @param path absolute
 * @param bytes its length
 */
public record Segment(SegmentId id, Path path, long bytes) {}
