package dev.moorage.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Where verified bytes of a shard go. Chunks arrive from several threads at once, in any order, each byte once; none is
 * in use once the call that reads has returned.
 */
public interface ShardTarget {
    /**
     * Takes the remaining bytes of {@code bytes}, which belong to the caller again afterwards.
     *
     * @param position of the first of them, from the beginning of the shard, or of the range or tensor that is read
     */
    void write(long position, ByteBuffer bytes) throws IOException;
}
