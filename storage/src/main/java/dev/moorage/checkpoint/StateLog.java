package dev.moorage.checkpoint;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.record.StateEntry;
import dev.moorage.storage.ObjectStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * The log of a job's decisions. Each entry names the nonce of the entry that it was decided on, so that only the direct
 * successor acts: whoever is overtaken finds the next name taken, and is fenced.
 *
 * <p>CORRUPT if the entries do not form one chain; UNAVAILABLE if the store does not answer; IN_DOUBT for a write whose
 * answer did not come. Any thread; all calls block.
 */
public final class StateLog {
    private final RecordStore store;
    private final JobName job;
    private final LongSupplier wallClockMillis;

    /** @param wallClockMillis milliseconds since 1970, for labels only */
    public StateLog(ObjectStore store, JobName job, LongSupplier wallClockMillis) {
        this.store = new RecordStore(requireNonNull(store));
        this.job = requireNonNull(job);
        this.wallClockMillis = requireNonNull(wallClockMillis);
    }

    /**
     * What all entries say together.
     *
     * @throws CheckpointException CORRUPT names the entry that does not hold, and says what to do
     */
    public JobState read() {
        try {
            return readAll();
        } catch (CheckpointException wrong) {
            if (wrong.kind() != FailureKind.CORRUPT) {
                throw wrong;
            }
            throw new CheckpointException(
                    FailureKind.CORRUPT,
                    "the state log of job " + job + " does not hold: " + wrong.getMessage()
                            + "; put the object back from any copy of the store (an entry never changes), or save under"
                            + " another job name: what is saved can be restored without the log",
                    wrong);
        }
    }

    private JobState readAll() {
        List<StateEntry> entries = new ArrayList<>();
        long highest = highest();
        for (long seq = 1; seq <= highest; seq++) {
            entries.add(entry(seq));
        }
        return Fields.corruptUnless(Layout.states(job), () -> JobState.EMPTY.after(entries));
    }

    /**
     * Takes the job over with the next epoch. A lost race is tried again on what is there then.
     *
     * @param owner for people: which node
     * @param deadline for the whole call; IN_DOUBT when it passes during a write, UNAVAILABLE between two
     */
    public JobState claim(String owner, Duration deadline) {
        long begin = System.nanoTime();
        while (true) {
            JobState before = read();
            Duration left = deadline.minusNanos(System.nanoTime() - begin);
            if (left.isNegative() || left.isZero()) {
                throw CheckpointException.unavailable("job " + job + ": others wrote to its state log for "
                        + deadline.toMillis() + " ms while it was to be claimed; try again");
            }
            Epoch next = new Epoch(before.epoch().map(Epoch::value).orElse(0L) + 1);
            Optional<JobState> claimed = write(before, next, new StateEntry.Claim(owner), left);
            if (claimed.isPresent()) {
                return claimed.get();
            }
        }
    }

    /**
     * Logs a decision directly after the state it was made on.
     *
     * @param after what the decision rests on; holds a claim
     * @return the state with it; empty if another entry is there, and the caller is fenced until it claims again
     * @throws CheckpointException INVALID for an event that cannot follow, such as a second answer to one request
     */
    public Optional<JobState> append(JobState after, StateEntry.Event event, Duration deadline) {
        Epoch epoch = after.epoch()
                .orElseThrow(() -> CheckpointException.invalid("job " + job + ": its state log must be claimed first"));
        return write(after, epoch, event, deadline);
    }

    private Optional<JobState> write(JobState before, Epoch epoch, StateEntry.Event event, Duration deadline) {
        StateEntry entry = new StateEntry(
                before.seq() + 1, epoch, before.last(), Nonce.random(), event, wallClockMillis.getAsLong());
        JobState after = before.after(List.of(entry));
        boolean won = store.create(
                        Layout.state(job, entry.seq()),
                        StateJson.encode(job, entry),
                        RecordJson.SMALL_BYTES_MAX,
                        deadline)
                .isEmpty();
        return won && isFollowed(after) ? Optional.of(after) : Optional.empty();
    }

    /** The entry is written: a store that does not answer now leaves open what it is worth. */
    private boolean isFollowed(JobState written) {
        try {
            return descend(written);
        } catch (CheckpointException failure) {
            if (failure.kind() != FailureKind.UNAVAILABLE) {
                throw failure;
            }
            throw new CheckpointException(
                    FailureKind.IN_DOUBT,
                    Layout.state(job, written.seq()) + ": written, but whether it counts could not be read back: "
                            + failure.getMessage() + "; read the log before deciding anything",
                    failure);
        }
    }

    /**
     * Whether every higher entry descends from {@code written}. One that does not shows that the name was free only because
     * it had been removed: the log has moved on without it.
     */
    private boolean descend(JobState written) {
        Nonce last = written.last();
        long highest = highest();
        for (long seq = written.seq() + 1; seq <= highest; seq++) {
            Optional<StateEntry> next = find(seq);
            if (next.isEmpty() || !next.get().previous().equals(last)) {
                return false;
            }
            last = next.get().nonce();
        }
        return true;
    }

    private long highest() {
        return store.children(Layout.states(job)).stream()
                .flatMapToLong(name -> Layout.stateNamed(name).stream())
                .max()
                .orElse(0);
    }

    private StateEntry entry(long seq) {
        return find(seq)
                .orElseThrow(() -> new CheckpointException(
                        FailureKind.CORRUPT,
                        Layout.state(job, seq) + ": the entry is missing, but there are later ones"));
    }

    private Optional<StateEntry> find(long seq) {
        return store.read(Layout.state(job, seq), RecordJson.SMALL_BYTES_MAX)
                .map(object -> StateJson.decode(job, seq, object));
    }
}
