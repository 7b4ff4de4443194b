package dev.moorage.checkpoint;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.record.StateEntry;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the entries of a job-state log say together.
 *
 * @param seq of the last entry, 0 without any
 * @param epoch of the last claim; empty without any entry
 * @param last nonce of the last entry
 * @param runs by number
 * @param restores which step each job-wide load call answers
 * @param triggers which step each request from outside means, by its id
 */
public record JobState(
        long seq,
        Optional<Epoch> epoch,
        Nonce last,
        SortedMap<RunNumber, StateEntry.Run> runs,
        Map<RestoreKey, StateEntry.Restore> restores,
        Map<String, StateEntry.Trigger> triggers) {
    /** A log without entries. */
    public static final JobState EMPTY =
            new JobState(0, Optional.empty(), StateEntry.BEFORE_FIRST, new TreeMap<>(), Map.of(), Map.of());

    /**
     * A job-wide load call.
     *
     * @param ordinal number of the call within the run, from 0
     */
    public record RestoreKey(RunNumber run, long ordinal) {
        public RestoreKey {
            requireNonNull(run);
        }
    }

    public JobState {
        requireNonNull(epoch);
        requireNonNull(last);
        runs = Collections.unmodifiableSortedMap(new TreeMap<>(runs));
        restores = Map.copyOf(restores);
        triggers = Map.copyOf(triggers);
    }

    /** The run that supersedes all others. */
    public Optional<StateEntry.Run> latestRun() {
        return runs.isEmpty() ? Optional.empty() : Optional.of(runs.get(runs.lastKey()));
    }

    /** The run of a token. */
    public Optional<StateEntry.Run> run(RunToken token) {
        return runs.values().stream().filter(run -> run.token().equals(token)).findFirst();
    }

    /** What a job-wide load call of a run was answered. */
    public Optional<StateEntry.Restore> restore(RunNumber run, long ordinal) {
        return Optional.ofNullable(restores.get(new RestoreKey(run, ordinal)));
    }

    /** What a request from outside was answered. */
    public Optional<StateEntry.Trigger> trigger(String requestId) {
        return Optional.ofNullable(triggers.get(requestId));
    }

    /**
     * This state after more entries.
     *
     * @throws dev.moorage.protocol.CheckpointException INVALID if one of them does not directly follow the one before it, or
     *     decides again what was decided
     */
    JobState after(List<StateEntry> entries) {
        long seq = this.seq;
        Optional<Epoch> epoch = this.epoch;
        Nonce last = this.last;
        SortedMap<RunNumber, StateEntry.Run> runs = new TreeMap<>(this.runs);
        Map<RestoreKey, StateEntry.Restore> restores = new HashMap<>(this.restores);
        Map<String, StateEntry.Trigger> triggers = new HashMap<>(this.triggers);
        for (StateEntry entry : entries) {
            follows(entry, seq, epoch, last);
            if (entry.event() instanceof StateEntry.Run run) {
                begins(entry, run, runs);
            } else if (entry.event() instanceof StateEntry.Restore restore) {
                Bounds.holds(
                        runs.containsKey(restore.run()), at(entry) + "restores for an unknown run " + restore.run());
                once(entry, restores.putIfAbsent(new RestoreKey(restore.run(), restore.ordinal()), restore));
            } else if (entry.event() instanceof StateEntry.Trigger trigger) {
                once(entry, triggers.putIfAbsent(trigger.requestId(), trigger));
            }
            seq = entry.seq();
            epoch = Optional.of(entry.epoch());
            last = entry.nonce();
        }
        return new JobState(seq, epoch, last, runs, restores, triggers);
    }

    private static void follows(StateEntry entry, long seq, Optional<Epoch> epoch, Nonce last) {
        Bounds.holds(entry.seq() == seq + 1, at(entry) + "follows entry " + seq);
        Bounds.holds(
                entry.previous().equals(last),
                at(entry) + "was decided on an entry with nonce " + entry.previous() + ", but entry " + seq + " has "
                        + last);
        long current = epoch.map(Epoch::value).orElse(0L);
        long expected = entry.event() instanceof StateEntry.Claim ? current + 1 : current;
        Bounds.holds(
                entry.epoch().value() == expected, at(entry) + "has epoch " + entry.epoch() + ", expected " + expected);
    }

    private static void begins(StateEntry entry, StateEntry.Run run, SortedMap<RunNumber, StateEntry.Run> runs) {
        long latest = runs.isEmpty() ? 0 : runs.lastKey().value();
        Bounds.holds(run.run().value() == latest + 1, at(entry) + "begins run " + run.run() + " after run " + latest);
        Bounds.holds(
                runs.values().stream().noneMatch(other -> other.token().equals(run.token())),
                at(entry) + "begins run " + run.run() + " with the token of another run: " + run.token());
        runs.put(run.run(), run);
    }

    private static void once(StateEntry entry, Object before) {
        Bounds.holds(before == null, at(entry) + "decides again what was decided: " + before);
    }

    private static String at(StateEntry entry) {
        return "entry " + entry.seq() + " ";
    }
}
