package dev.moorage.worker.core;

import dev.moorage.protocol.CheckpointException;
import java.util.regex.Pattern;

/** Names a segment, and the files that hold it. Never given twice, not even by a later life of the daemon. */
public record SegmentId(String value) implements Comparable<SegmentId> {
    private static final Pattern FORM = Pattern.compile("[0-9a-z]{1,40}-[0-9]{1,19}");

    /** @throws dev.moorage.protocol.CheckpointException INVALID if it is not letters and digits, a dash and a number */
    public SegmentId {
        if (value == null || !FORM.matcher(value).matches()) {
            throw CheckpointException.invalid("this is not the name of a segment; use one that Lease or Load answered");
        }
    }

    @Override
    public int compareTo(SegmentId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
