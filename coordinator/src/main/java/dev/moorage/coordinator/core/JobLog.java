package dev.moorage.coordinator.core;

import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.WorldSize;
import dev.moorage.protocol.cluster.ToCoordinator.OpenRun;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.record.StateEntry;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The coordinator's side of the job-state log: claims the job, and appends one decision after the other. A decision that is
 * fenced was not made: the job is claimed again, and what the log holds then is looked at first.
 */
final class JobLog {
    private static final int TOKENS_MAX = 100;

    private final JobContext job;
    private final String owner;
    private final Map<RunToken, WorldSize> tokens = new LinkedHashMap<>();
    private Optional<StoreOperation> awaited = Optional.empty();
    private Optional<StoreResult.Failed> broken = Optional.empty();

    JobLog(JobContext job, String owner) {
        this.job = job;
        this.owner = owner;
    }

    /** Takes the job over, unless a log operation is under way: then whatever comes of it is looked at first. */
    void claim() {
        if (awaited.isEmpty()) {
            await(new StoreOperation.Claim(owner));
        }
    }

    boolean isIdle() {
        return awaited.isEmpty() && tokens.isEmpty();
    }

    private void await(StoreOperation operation) {
        awaited = Optional.of(operation);
        job.perform(operation);
    }

    boolean awaits(StoreOperation operation) {
        return awaited.filter(operation::equals).isPresent();
    }

    /** Answers at once if the log knows the token; else it is logged first. */
    void openRun(OpenRun asked) {
        Optional<String> refusal = job.runs().refusal(asked.token(), asked.worldSize());
        Optional<StateEntry.Run> run = job.runs().of(asked.token());
        WorldSize pending = tokens.get(asked.token());
        if (refusal.isPresent()) {
            invalid(asked, refusal.get());
        } else if (run.isPresent()) {
            job.tell(
                    asked.incarnation(),
                    new ToWorker.RunOpened(job.job, asked.token(), run.get().run()));
        } else if (broken.isPresent()) {
            job.refuseRun(
                    asked.incarnation(),
                    asked.token(),
                    broken.get().kind(),
                    broken.get().reason());
        } else if (pending != null && !pending.equals(asked.worldSize())) {
            invalid(
                    asked,
                    "another rank of this run token says that the world size is " + pending + ", not "
                            + asked.worldSize());
        } else if (tokens.size() < TOKENS_MAX) {
            tokens.put(asked.token(), asked.worldSize());
        }
    }

    /** The log holds after all: whoever asks is given a number again. */
    void mended() {
        broken = Optional.empty();
    }

    /**
     * A log that does not hold numbers no run: those who wait for a number are told, now and whenever they ask again. Loads
     * are none of its business; those that are logged go on.
     */
    void failed(StoreResult.Failed failure) {
        if (failure.isPassing()) {
            return;
        }
        tokens.keySet()
                .forEach(token -> job.live()
                        .forEach(worker ->
                                job.refuseRun(worker.incarnation(), token, failure.kind(), failure.reason())));
        tokens.clear();
        broken = Optional.of(failure);
    }

    private void invalid(OpenRun asked, String reason) {
        job.refuseRun(asked.incarnation(), asked.token(), FailureKind.INVALID, reason);
    }

    /** Appends the next decision that waits: runs first, then what loads have decided. */
    void pump(List<StateEntry.Restore> restores) {
        if (awaited.isPresent()) {
            return;
        }
        if (!tokens.isEmpty()) {
            Map.Entry<RunToken, WorldSize> next = tokens.entrySet().iterator().next();
            await(new StoreOperation.Append(new StateEntry.Run(job.runs().next(), next.getKey(), next.getValue())));
        } else if (!restores.isEmpty()) {
            await(new StoreOperation.Append(restores.get(0)));
        }
    }

    /** What came of a log operation. */
    enum Change {
        NONE,
        CLAIMED,
        RUN,
        RESTORE
    }

    Change stored(StoreOperation operation, StoreResult result) {
        if (!awaits(operation)) {
            return Change.NONE;
        }
        awaited = Optional.empty();
        if (result instanceof StoreResult.Claimed claimed) {
            job.claimed(claimed);
            job.note("job " + job.job, "claimed");
            dropKnownTokens();
            return Change.CLAIMED;
        }
        if (result instanceof StoreResult.Fenced) {
            job.note("job " + job.job, "fenced: another coordinator has written to the log");
            claim();
        } else if (operation instanceof StoreOperation.Append append) {
            job.logged(append.event());
            return append.event() instanceof StateEntry.Run run ? opened(run) : Change.RESTORE;
        }
        return Change.NONE;
    }

    private Change opened(StateEntry.Run run) {
        tokens.remove(run.token());
        job.note("job " + job.job + " run " + run.run(), "opened, world size " + run.worldSize());
        announce(run);
        return Change.RUN;
    }

    private void announce(StateEntry.Run run) {
        job.live()
                .forEach(worker ->
                        job.tell(worker.incarnation(), new ToWorker.RunOpened(job.job, run.token(), run.run())));
    }

    /** Somebody else has logged them: whoever asked asks again and is answered then. */
    private void dropKnownTokens() {
        tokens.keySet().removeIf(token -> job.runs().of(token).isPresent());
        job.runs().latest().ifPresent(this::announce);
    }
}
