package dev.moorage.worker.core;

import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.cluster.ToCoordinator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;

/** What is known of one job: its coordinator's epoch, its runs, the ranks that are attached here. */
final class JobDesk {
    private static final int TOKENS_MAX = 256;

    final JobName job;
    final Map<AttachmentId, Attached> attached = new LinkedHashMap<>();
    /** Highest epoch of any order; lower ones are dropped. */
    Optional<Epoch> epoch = Optional.empty();
    /** Epoch of the newest registration that was answered. */
    Optional<Epoch> registered = Optional.empty();

    OptionalLong registeredAt = OptionalLong.empty();
    /** Until when it registers though it holds nothing of the job. */
    long invitedUntil = Long.MIN_VALUE;

    private OptionalLong unusedSince = OptionalLong.empty();

    Optional<RunNumber> latest = Optional.empty();
    private final Map<RunToken, RunNumber> runs = new LinkedHashMap<>();
    private final Outbox outbox;

    JobDesk(JobName job, Outbox outbox) {
        this.job = job;
        this.outbox = outbox;
    }

    Optional<RunNumber> run(RunToken token) {
        return Optional.ofNullable(runs.get(token));
    }

    /** Whether anything of the job is here now. */
    void used(boolean isUsed, long now) {
        unusedSince = isUsed ? OptionalLong.empty() : OptionalLong.of(unusedSince.orElse(now));
    }

    boolean isUnused(long since) {
        return unusedSince.isPresent() && unusedSince.getAsLong() <= since && attached.isEmpty();
    }

    /** False for an order of a coordinator that another one has replaced. */
    boolean takes(Epoch order) {
        if (epoch.isPresent() && order.compareTo(epoch.get()) < 0) {
            return false;
        }
        epoch = Optional.of(order);
        return true;
    }

    void number(RunToken token, RunNumber run) {
        runs.remove(token);
        runs.put(token, run);
        if (runs.size() > TOKENS_MAX) {
            runs.remove(runs.keySet().iterator().next());
        }
        if (latest.isEmpty() || run.compareTo(latest.get()) > 0) {
            latest = Optional.of(run);
        }
    }

    boolean isSuperseded(RunNumber run) {
        return latest.isPresent() && run.compareTo(latest.get()) < 0;
    }

    String superseded(RunNumber run) {
        return "job " + job + ": run " + run + " is superseded by run " + latest.orElse(run);
    }

    /** Asks for the number of each token that is attached; {@code all} also for those that have one. */
    void openRuns(boolean all) {
        List<Attached> asking = attached.values().stream()
                .filter(rank -> rank.barred.isEmpty() && (all || rank.run.isEmpty()))
                .toList();
        Map<RunToken, Attached> tokens = new LinkedHashMap<>();
        asking.forEach(rank -> tokens.putIfAbsent(rank.who.token(), rank));
        tokens.forEach((token, rank) -> outbox.send(
                new ToCoordinator.OpenRun(job, outbox.worker, outbox.incarnation, token, rank.who.worldSize())));
    }

    /** @param staged newest run of which bytes are staged here */
    void register(long now, Optional<RunNumber> staged) {
        registeredAt = OptionalLong.of(now);
        Optional<RunNumber> newest = attached.values().stream()
                .flatMap(rank -> rank.run.stream())
                .max(RunNumber::compareTo)
                .filter(run -> staged.isEmpty() || run.compareTo(staged.get()) >= 0)
                .or(() -> staged);
        outbox.add(new WorkerEffect.Register(job, newest));
    }
}
