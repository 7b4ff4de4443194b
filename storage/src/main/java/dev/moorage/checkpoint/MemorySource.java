package dev.moorage.checkpoint;

import java.io.EOFException;
import java.nio.ByteBuffer;

/** Bytes that are at hand. */
public final class MemorySource implements ShardSource {
    private final ByteBuffer content;

    /** @param content from position 0 to its limit; not to be changed meanwhile */
    public MemorySource(ByteBuffer content) {
        this.content = content.slice();
    }

    @Override
    public long length() {
        return content.limit();
    }

    @Override
    public void read(long position, ByteBuffer target) throws EOFException {
        if (position + target.remaining() > length()) {
            throw new EOFException("asked for " + target.remaining() + " bytes at " + position + " of " + length());
        }
        target.put(content.slice((int) position, target.remaining()));
    }

    @Override
    public void close() {}
}
