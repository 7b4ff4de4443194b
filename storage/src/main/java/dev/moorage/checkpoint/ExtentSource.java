package dev.moorage.checkpoint;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.CheckpointException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Bytes pieced together from memory and from ranges of another source, which it does not own: closing it closes nothing.
 */
public final class ExtentSource implements ShardSource {
    private final ShardSource origin;
    private final List<Extent> extents;

    /** Where each extent begins; one entry more than extents, the last one the length. */
    private final long[] begins;

    /** A piece. */
    public sealed interface Extent {
        /** Length in bytes. */
        long bytes();

        /** Bytes that are at hand. */
        record Memory(ByteBuffer content) implements Extent {
            public Memory {
                content = content.asReadOnlyBuffer();
            }

            @Override
            public long bytes() {
                return content.remaining();
            }
        }

        /** A range of the other source, in bytes. */
        record Range(long position, long bytes) implements Extent {
            public Range {
                if (position < 0 || bytes < 0) {
                    throw CheckpointException.invalid("range of " + bytes + " bytes at " + position);
                }
            }
        }
    }

    /**
     * @param origin what the ranges are of
     * @param extents in order
     */
    public ExtentSource(ShardSource origin, List<Extent> extents) {
        this.origin = requireNonNull(origin);
        this.extents = List.copyOf(extents);
        this.begins = new long[extents.size() + 1];
        for (int i = 0; i < extents.size(); i++) {
            begins[i + 1] = begins[i] + extents.get(i).bytes();
        }
    }

    @Override
    public long length() {
        return begins[extents.size()];
    }

    @Override
    public void read(long position, ByteBuffer target) throws IOException {
        if (position + target.remaining() > length()) {
            throw new EOFException("asked for " + target.remaining() + " bytes at " + position + " of " + length());
        }
        int end = target.limit();
        for (int i = extentAt(position); target.position() < end; i++) {
            long inside = position - begins[i];
            int count = (int) Math.min(end - target.position(), begins[i + 1] - position);
            target.limit(target.position() + count);
            if (extents.get(i) instanceof Extent.Range range) {
                origin.read(range.position() + inside, target);
            } else {
                ByteBuffer content = ((Extent.Memory) extents.get(i)).content();
                target.put(content.slice(content.position() + (int) inside, count));
            }
            target.limit(end);
            position += count;
        }
    }

    private int extentAt(long position) {
        int found = Arrays.binarySearch(begins, position);
        return found >= 0 ? found : -found - 2;
    }

    @Override
    public void close() {}
}
