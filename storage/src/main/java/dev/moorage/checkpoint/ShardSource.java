package dev.moorage.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;

/** The raw bytes of a shard, wherever they lie. Reads may be made from any number of threads at once. */
public interface ShardSource extends AutoCloseable {
    /** How many bytes there are. Does not change. */
    long length();

    /**
     * Fills {@code target} with the bytes that start at {@code position}.
     *
     * @throws java.io.EOFException if the source ends before the buffer is full
     */
    void read(long position, ByteBuffer target) throws IOException;

    @Override
    void close() throws IOException;
}
