package dev.moorage.worker.core;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.cluster.ToCoordinator;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Gives segments to ranks. Each rank has at most two buffers of a kind: one to fill while the other is being stored. A
 * buffer that is too small is replaced by a larger one. When both are taken, the one with the oldest staged step is
 * reclaimed, but never one that an attempt reads.
 */
final class Leases {
    private static final int WAITING_MAX = 4_096;

    private enum Served {
        /** It is answered, or will be when its file is made. */
        DONE,
        /** Something that stands in its way is being removed. */
        SOON,
        /** Only an outcome or a release makes room. */
        FULL
    }

    private record Waiting(WorkerEvent.LeaseCalled call, long deadline) {}

    private final Outbox outbox;
    private final WorkerRules rules;
    private final SegmentTable segments;
    private final Ranks ranks;
    private final List<Waiting> waiting = new ArrayList<>();

    Leases(Outbox outbox, WorkerRules rules, SegmentTable segments, Ranks ranks) {
        this.outbox = outbox;
        this.rules = rules;
        this.segments = segments;
        this.ranks = ranks;
    }

    void onLease(WorkerEvent.LeaseCalled call, long now) {
        Attached rank = ranks.require(call.attachment());
        if (call.bytes() < 1) {
            throw CheckpointException.invalid(rank.name() + ": a segment has at least one byte, was " + call.bytes());
        }
        if (call.bytes() > segments.bytesMax()) {
            throw CheckpointException.unavailable(rank.name() + ": a segment of " + call.bytes()
                    + " bytes is more than staging-bytes-max of worker " + outbox.worker + ", " + segments.bytesMax()
                    + "; raise it");
        }
        if (waiting.size() >= WAITING_MAX) {
            throw CheckpointException.unavailable(
                    "worker " + outbox.worker + " has " + WAITING_MAX + " leases waiting and takes no more");
        }
        place(new Waiting(call, now + rules.times().leaseWait().toMillis()));
    }

    /** Tries again for all that wait, the oldest first. To be called whenever a segment has changed its state. */
    void serveWaiting() {
        List<Waiting> before = List.copyOf(waiting);
        waiting.clear();
        before.forEach(this::place);
    }

    private void place(Waiting lease) {
        Optional<Attached> rank = ranks.find(lease.call().attachment());
        if (rank.isEmpty() || rank.get().barred.isPresent()) {
            outbox.refuse(
                    lease.call().request(),
                    FailureKind.INVALID,
                    rank.flatMap(here -> here.barred).orElse("the rank is not attached any more"));
            return;
        }
        switch (serve(lease.call(), rank.get())) {
            case DONE -> {}
            case SOON -> waiting.add(lease);
            case FULL -> full(lease, rank.get());
        }
    }

    private void full(Waiting lease, Attached rank) {
        switch (rules.whenFull()) {
            case WAIT -> waiting.add(lease);
            case FAIL -> outbox.refuse(lease.call().request(), FailureKind.UNAVAILABLE, noRoom(lease.call(), rank));
            case SKIP -> {
                outbox.refuse(
                        lease.call().request(),
                        FailureKind.UNAVAILABLE,
                        noRoom(lease.call(), rank) + "; the step is skipped");
                lease.call().step().ifPresent(step -> skip(rank, step, "no room in the staging area"));
            }
        }
    }

    private void skip(Attached rank, Step step, String reason) {
        rank.run.ifPresent(run -> outbox.send(new ToCoordinator.StagingSkipped(
                rank.who.job(),
                run,
                step,
                outbox.worker,
                outbox.incarnation,
                rank.who.rank(),
                "worker " + outbox.worker + ": " + reason)));
    }

    private String noRoom(WorkerEvent.LeaseCalled call, Attached rank) {
        return rank.name() + ": no room for a segment of " + call.bytes() + " bytes: worker " + outbox.worker
                + " holds "
                + segments.bytes() + " of " + segments.bytesMax()
                + " bytes, and both buffers of the rank may be in use; wait for earlier saves, or raise staging-bytes-max";
    }

    private Served serve(WorkerEvent.LeaseCalled call, Attached rank) {
        Slot.Key key = new Slot.Key(rank.who.job(), rank.who.rank(), call.kind());
        for (Slot slot : segments.buffers(key)) {
            if (slot.state instanceof SegmentState.Free free) {
                if (free.owner().equals(rank.id) && slot.bytes >= call.bytes()) {
                    slot.state = new SegmentState.Filling(rank.id);
                    outbox.answer(call.request(), new Reply.Leased(slot.id, slot.bytes));
                    return Served.DONE;
                }
                segments.discard(slot);
            }
        }
        List<Slot> taken = segments.buffers(key);
        if (taken.stream().anyMatch(slot -> isComing(slot, call, rank))) {
            return Served.SOON;
        }
        if (!segments.isRoomFor(key)) {
            return makeWay(taken, call, rank);
        }
        return allocate(key, call, rank);
    }

    /** A warm segment whose sidecar is just being removed is worth the moment. */
    private static boolean isComing(Slot slot, WorkerEvent.LeaseCalled call, Attached rank) {
        return slot.state.equals(new SegmentState.Clearing(rank.id)) && slot.bytes >= call.bytes();
    }

    private Served makeWay(List<Slot> taken, WorkerEvent.LeaseCalled call, Attached rank) {
        if (taken.stream().anyMatch(slot -> slot.state instanceof SegmentState.Clearing)) {
            return Served.SOON;
        }
        Optional<Slot> oldest = taken.stream().filter(Slot::isStaged).findFirst();
        if (oldest.isPresent()) {
            reclaim(oldest.get(), "its segment was needed for a later step", call.bytes());
            return Served.SOON;
        }
        if (taken.stream().allMatch(slot -> slot.owner().equals(Optional.of(rank.id)) && isFilled(slot))) {
            outbox.refuse(
                    call.request(),
                    FailureKind.INVALID,
                    rank.name() + ": it fills two segments already; stage or release one of them first");
            return Served.DONE;
        }
        return Served.FULL;
    }

    private static boolean isFilled(Slot slot) {
        return slot.state instanceof SegmentState.Filling || slot.state instanceof SegmentState.Allocating;
    }

    private Served allocate(Slot.Key key, WorkerEvent.LeaseCalled call, Attached rank) {
        if (segments.fits(call.bytes())) {
            SegmentId id = segments.name();
            segments.add(new Slot(id, key, call.bytes(), false, new SegmentState.Allocating(call.request(), rank.id)));
            outbox.add(new WorkerEffect.Allocate(id, call.bytes()));
            return Served.DONE;
        }
        return makeRoom(call.bytes(), List.of()) ? Served.SOON : Served.FULL;
    }

    /**
     * Gives up what is only kept warm, then what superseded runs have staged, the oldest first; but nothing of both if that is
     * not enough: then an outcome or a release must make room, and all of it stays of use until one does.
     *
     * @param spared free segments that are wanted by whoever asks
     * @return whether so many bytes will fit when it is gone
     */
    boolean makeRoom(long bytes, List<Slot> spared) {
        Stream<Slot> free = segments.all().stream()
                .filter(slot -> slot.state instanceof SegmentState.Free && !spared.contains(slot));
        Stream<Slot> superseded =
                segments.all().stream().filter(slot -> slot.isStaged() && !slot.reference && isSuperseded(slot));
        List<Slot> spare = Stream.concat(free, superseded).toList();
        if (!segments.willFit(
                bytes - spare.stream().mapToLong(slot -> slot.bytes).sum())) {
            return false;
        }
        for (Slot slot : spare) {
            if (segments.willFit(bytes)) {
                break;
            }
            if (slot.isStaged()) {
                reclaim(slot, "its segment was needed by a newer run", Long.MAX_VALUE);
            } else {
                segments.discard(slot);
            }
        }
        return true;
    }

    private boolean isSuperseded(Slot slot) {
        return slot.record()
                .map(record -> ranks.job(record.job()).isSuperseded(record.run()))
                .orElse(false);
    }

    /** @param bytes that its rank wants now: it keeps the segment if they fit and it is still the same process */
    private void reclaim(Slot slot, String reason, long bytes) {
        StagedRecord record = slot.record().orElseThrow();
        RunNumber run = record.run();
        outbox.send(new ToCoordinator.StagingSkipped(
                record.job(),
                run,
                record.terms().step(),
                outbox.worker,
                outbox.incarnation,
                record.rank(),
                "worker " + outbox.worker + ": " + reason));
        segments.release(slot, ranks.isHere(slot.owner()) && slot.bytes >= bytes);
    }

    void onAllocated(Slot slot) {
        if (!(slot.state instanceof SegmentState.Allocating allocating)) {
            return;
        }
        if (ranks.isHere(Optional.of(allocating.owner()))) {
            slot.state = new SegmentState.Filling(allocating.owner());
            outbox.answer(allocating.request(), new Reply.Leased(slot.id, slot.bytes));
        } else {
            outbox.refuse(allocating.request(), FailureKind.INVALID, "the rank is not attached any more");
            segments.discard(slot);
        }
    }

    void onAllocationFailed(Slot slot, FailureKind kind, String reason) {
        if (slot.state instanceof SegmentState.Allocating allocating) {
            outbox.refuse(allocating.request(), kind, reason);
            segments.discard(slot);
        }
    }

    void tick(long now) {
        for (Waiting lease : List.copyOf(waiting)) {
            if (now >= lease.deadline()) {
                waiting.remove(lease);
                Optional<Attached> rank = ranks.find(lease.call().attachment());
                outbox.refuse(
                        lease.call().request(),
                        FailureKind.UNAVAILABLE,
                        rank.map(here -> noRoom(lease.call(), here)).orElse("the rank is not attached any more"));
            }
        }
    }
}
