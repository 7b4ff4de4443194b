package dev.moorage.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Memory that is being filled. */
public final class MemoryTarget implements ShardTarget {
    private final ByteBuffer content;

    /** @param content what lies from its position to its limit is filled; the position stays where it is */
    public MemoryTarget(ByteBuffer content) {
        this.content = content.slice();
    }

    @Override
    public void write(long position, ByteBuffer bytes) throws IOException {
        int length = bytes.remaining();
        if (length > content.limit() - position) {
            throw new IOException("no room for " + length + " bytes at " + position + " of " + content.limit());
        }
        content.put((int) position, bytes, bytes.position(), length);
        bytes.position(bytes.limit());
    }
}
