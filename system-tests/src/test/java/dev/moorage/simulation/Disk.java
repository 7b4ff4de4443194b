package dev.moorage.simulation;

import dev.moorage.checkpoint.ShardSource;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.Step;
import dev.moorage.worker.core.SegmentId;
import dev.moorage.worker.core.StagedRecord;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Optional;

/** A host's segments and sidecars: they outlive the daemon. */
final class Disk {
    private final Map<SegmentId, ByteBuffer> segments = new LinkedHashMap<>();
    private final Map<SegmentId, StagedRecord> sidecars = new LinkedHashMap<>();

    void allocate(SegmentId id, long bytes) {
        segments.put(id, ByteBuffer.allocate((int) bytes));
    }

    /** The bytes get another name; a rank that has them mapped keeps them. */
    void rename(SegmentId from, SegmentId to) {
        ByteBuffer bytes = segments.remove(from);
        if (bytes == null) {
            throw CheckpointException.unavailable("no segment " + from);
        }
        segments.put(to, bytes);
    }

    /** The segment's bytes, as a process has them mapped. */
    ByteBuffer map(SegmentId id) {
        ByteBuffer bytes = segments.get(id);
        if (bytes == null) {
            throw new NoSuchElementException("no segment " + id);
        }
        return bytes.duplicate().clear();
    }

    boolean has(SegmentId id) {
        return segments.containsKey(id);
    }

    Crc32c seal(StagedRecord draft) {
        Crc32c crc = Crc32c.of(map(draft.segment()).limit((int) draft.terms().bytes()));
        sidecars.put(draft.segment(), draft.withCrc(crc));
        return crc;
    }

    /** A process writes into a segment that it has handed over for this step, if it still holds that. */
    void scribble(SegmentId id, Step step) {
        StagedRecord staged = sidecars.get(id);
        if (staged != null && staged.terms().step().equals(step)) {
            ByteBuffer bytes = map(id);
            bytes.put(0, (byte) ~bytes.get(0));
        }
    }

    void clearRecord(SegmentId id) {
        sidecars.remove(id);
    }

    void discard(SegmentId id) {
        sidecars.remove(id);
        segments.remove(id);
    }

    /** What the sidecar of the segment says, unless another segment holds the same. */
    Optional<StagedRecord> onlyRecord(SegmentId id) {
        StagedRecord staged = sidecars.get(id);
        boolean isElsewhere = staged != null
                && sidecars.values().stream()
                        .anyMatch(other -> !other.segment().equals(id)
                                && other.run().equals(staged.run())
                                && other.rank().equals(staged.rank())
                                && other.terms().equals(staged.terms()));
        return isElsewhere ? Optional.empty() : Optional.ofNullable(staged);
    }

    /** What the next life of the daemon believes; segments without a sidecar are removed. */
    Map<StagedRecord, Long> recover() {
        segments.keySet().retainAll(sidecars.keySet());
        Map<StagedRecord, Long> recovered = new LinkedHashMap<>();
        sidecars.values().stream()
                .sorted(Comparator.comparing(StagedRecord::run)
                        .thenComparing(record -> record.terms().step())
                        .thenComparing(StagedRecord::rank))
                .forEach(record ->
                        recovered.put(record, (long) map(record.segment()).remaining()));
        return recovered;
    }

    /** Positioned reads of what is in the segment at that moment. */
    ShardSource source(SegmentId id, long length) {
        return new ShardSource() {
            @Override
            public long length() {
                return length;
            }

            @Override
            public void read(long position, ByteBuffer target) throws IOException {
                if (!has(id)) {
                    throw new IOException("segment " + id + " is gone");
                }
                if (position + target.remaining() > length) {
                    throw new EOFException("segment " + id + " ends at " + length);
                }
                target.put(map(id).slice((int) position, target.remaining()));
            }

            @Override
            public void close() {}
        };
    }
}
