package dev.moorage.worker.core;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.JobName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** All segments of this worker, oldest first, and the bytes that they take. */
final class SegmentTable {
    private static final int BUFFERS_MAX = 2;

    private final Outbox outbox;
    private final long bytesMax;
    private final Map<SegmentId, Slot> slots = new LinkedHashMap<>();
    private long named;

    SegmentTable(Outbox outbox, long bytesMax) {
        this.outbox = outbox;
        this.bytesMax = bytesMax;
    }

    /** A name that no segment of this worker ever had. */
    SegmentId name() {
        return new SegmentId(outbox.incarnation.value().substring(0, 16) + "-" + ++named);
    }

    Slot add(Slot slot) {
        slots.put(slot.id, slot);
        return slot;
    }

    Optional<Slot> find(SegmentId id) {
        return Optional.ofNullable(slots.get(id));
    }

    /** A copy, so that its states may be changed on the way. */
    List<Slot> all() {
        return new ArrayList<>(slots.values());
    }

    Stream<Slot> of(JobName job) {
        return all().stream().filter(slot -> slot.key.job().equals(job));
    }

    /** Those that hold a shard of this step, whatever the run. */
    Stream<Slot> holding(CheckpointId checkpoint) {
        return of(checkpoint.job()).filter(slot -> slot.holds(checkpoint.step()));
    }

    Stream<Slot> reading(AttemptId attempt) {
        return all().stream().filter(slot -> slot.isReading(attempt));
    }

    /** The buffers of a rank: neither what was loaded nor what is on its way out. */
    List<Slot> buffers(Slot.Key key) {
        return all().stream()
                .filter(slot -> slot.key.equals(key) && !slot.reference && !slot.isLoad() && !slot.isGoing())
                .toList();
    }

    /** Whether the rank may have one more buffer of the kind: one is filled while the other is stored. */
    boolean isRoomFor(Slot.Key key) {
        return buffers(key).size() < BUFFERS_MAX;
    }

    boolean isAnyGoing() {
        return slots.values().stream().anyMatch(Slot::isGoing);
    }

    /** Bytes of all files, also of those that are being removed. */
    long bytes() {
        return slots.values().stream()
                .filter(slot -> !slot.reference)
                .mapToLong(slot -> slot.bytes)
                .sum();
    }

    long bytesMax() {
        return bytesMax;
    }

    /** Whether so many more fit, at once or when all that is on its way out is gone. */
    boolean fits(long more) {
        return more <= bytesMax - bytes();
    }

    boolean willFit(long more) {
        long going = slots.values().stream()
                .filter(slot -> slot.isGoing() && !slot.reference)
                .mapToLong(slot -> slot.bytes)
                .sum();
        return more <= bytesMax - bytes() + going;
    }

    /** Makes it empty for its owner if that is still there, else removes it. */
    void release(Slot slot, boolean ownerIsHere) {
        Optional<AttachmentId> owner = slot.owner();
        if (owner.isPresent() && ownerIsHere && !slot.reference) {
            slot.state = new SegmentState.Clearing(owner.get());
            outbox.add(new WorkerEffect.ClearRecord(slot.id));
        } else {
            discard(slot);
        }
    }

    void discard(Slot slot) {
        if (!slot.isGoing()) {
            slot.state = new SegmentState.Discarding();
            outbox.add(new WorkerEffect.Discard(slot.id));
        }
    }

    /** Makes it the youngest: "oldest" counts from when a segment was staged. */
    void renew(Slot slot) {
        slots.remove(slot.id);
        slots.put(slot.id, slot);
    }

    void forget(SegmentId id) {
        slots.remove(id);
    }
}
