package dev.moorage.worker.core;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.cluster.ToWorker;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeMap;

/** The jobs of this worker and the ranks that are attached to it. */
final class Ranks {
    private static final int ATTACHED_MAX = 4_096;

    private final Outbox outbox;
    private final WorkerRules rules;
    private final Map<JobName, JobDesk> jobs = new TreeMap<>();
    private long named;

    Ranks(Outbox outbox, WorkerRules rules) {
        this.outbox = outbox;
        this.rules = rules;
    }

    JobDesk job(JobName name) {
        return jobs.computeIfAbsent(name, job -> new JobDesk(job, outbox));
    }

    /** Drops the jobs of which nothing has been here since then. */
    void forgetUnused(long since) {
        jobs.values().removeIf(job -> job.isUnused(since));
    }

    Collection<JobDesk> jobs() {
        return jobs.values();
    }

    Optional<Attached> find(AttachmentId id) {
        return jobs.values().stream()
                .map(job -> job.attached.get(id))
                .filter(rank -> rank != null)
                .findFirst();
    }

    boolean isHere(Optional<AttachmentId> owner) {
        return owner.flatMap(this::find).isPresent();
    }

    int size() {
        return jobs.values().stream().mapToInt(job -> job.attached.size()).sum();
    }

    /**
     * The rank, which is in its run and may go on.
     *
     * @throws CheckpointException INVALID otherwise
     */
    Attached require(AttachmentId id) {
        Attached rank = find(id).orElseThrow(() -> CheckpointException.invalid(
                "no such attachment on worker " + outbox.worker + "; attach the rank again"));
        if (rank.barred.isPresent()) {
            throw CheckpointException.invalid(rank.name() + ": " + rank.barred.get());
        }
        if (rank.run.isEmpty()) {
            throw CheckpointException.invalid(
                    rank.name() + ": its run is not numbered yet; wait for the answer of attach");
        }
        return rank;
    }

    /** Lets a rank in, or has it wait for the number of its run. Returns what it replaces. */
    List<AttachmentId> attach(WorkerEvent.AttachCalled call, long now) {
        Attachment who = call.who();
        JobDesk job = job(who.job());
        if (size() >= ATTACHED_MAX) {
            throw CheckpointException.unavailable(
                    "worker " + outbox.worker + " has " + ATTACHED_MAX + " ranks attached and takes no more");
        }
        for (Attached other : job.attached.values()) {
            if (other.who.token().equals(who.token()) && !other.who.worldSize().equals(who.worldSize())) {
                throw CheckpointException.invalid("job " + job.job + ": rank " + who.rank() + " states world size "
                        + who.worldSize() + ", but rank " + other.who.rank() + " of the same run stated "
                        + other.who.worldSize());
            }
        }
        Optional<RunNumber> run = job.run(who.token());
        if (run.isPresent() && job.isSuperseded(run.get())) {
            throw CheckpointException.invalid(job.superseded(run.get()));
        }
        List<AttachmentId> replaced = job.attached.values().stream()
                .filter(other -> other.who.token().equals(who.token())
                        && other.who.rank().equals(who.rank()))
                .map(other -> other.id)
                .toList();
        AttachmentId id = new AttachmentId(outbox.incarnation.value().substring(0, 16) + "-a" + ++named);
        long deadline = now + rules.times().attachWait().toMillis();
        Attached rank = new Attached(id, who, call.request(), deadline);
        job.attached.put(id, rank);
        run.ifPresent(number -> enter(rank, number));
        return replaced;
    }

    private void enter(Attached rank, RunNumber run) {
        rank.run = Optional.of(run);
        rank.waiting.ifPresent(request -> outbox.answer(request, new Reply.Attached(rank.id, run)));
        rank.waiting = OptionalLong.empty();
    }

    /** Returns the attachments that are barred by it. */
    List<AttachmentId> onRunOpened(ToWorker.RunOpened opened) {
        JobDesk job = job(opened.job());
        job.number(opened.token(), opened.run());
        List<AttachmentId> barred = new ArrayList<>();
        for (Attached rank : List.copyOf(job.attached.values())) {
            Optional<RunNumber> run = rank.run.or(() -> job.run(rank.who.token()));
            if (run.isEmpty() || rank.barred.isPresent()) {
                continue;
            }
            if (job.isSuperseded(run.get())) {
                bar(rank, job.superseded(run.get()));
                barred.add(rank.id);
            } else if (rank.run.isEmpty()) {
                enter(rank, run.get());
            }
        }
        return barred;
    }

    /** Returns the attachments that are barred by it. */
    List<AttachmentId> onRunRefused(ToWorker.RunRefused refused) {
        List<AttachmentId> barred = new ArrayList<>();
        for (Attached rank : List.copyOf(job(refused.job()).attached.values())) {
            if (!rank.who.token().equals(refused.token()) || rank.barred.isPresent()) {
                continue;
            }
            if (refused.kind() == FailureKind.INVALID) {
                bar(rank, refused.reason());
                barred.add(rank.id);
            } else {
                refuseWaiting(rank, refused.kind(), rank.name() + ": its run has no number: " + refused.reason());
            }
        }
        return barred;
    }

    /** The coordinator does not take this worker: whoever waits is told why. */
    void onRegistrationRefused(ToWorker.RegistrationRefused refused) {
        for (Attached rank : List.copyOf(job(refused.job()).attached.values())) {
            refuseWaiting(
                    rank,
                    refused.kind(),
                    rank.name() + ": worker " + outbox.worker + " is not taken: " + refused.reason());
        }
    }

    /** Those that have waited too long for the number of their run are told so. */
    void tick(long now) {
        for (JobDesk job : jobs.values()) {
            for (Attached rank : List.copyOf(job.attached.values())) {
                if (now >= rank.deadline) {
                    refuseWaiting(
                            rank,
                            FailureKind.UNAVAILABLE,
                            rank.name() + ": no coordinator has numbered its run"
                                    + " in time; check that a coordinator runs and that this worker reaches it, then attach again");
                }
            }
        }
    }

    private void bar(Attached rank, String reason) {
        rank.barred = Optional.of(reason);
        refuseWaiting(rank, FailureKind.INVALID, reason);
    }

    private void refuseWaiting(Attached rank, FailureKind kind, String reason) {
        if (rank.waiting.isPresent()) {
            outbox.refuse(rank.waiting.getAsLong(), kind, reason);
            rank.waiting = OptionalLong.empty();
            job(rank.who.job()).attached.remove(rank.id);
        }
    }

    Optional<Attached> remove(AttachmentId id) {
        Optional<Attached> rank = find(id);
        rank.ifPresent(gone -> job(gone.who.job()).attached.remove(id));
        return rank;
    }
}
