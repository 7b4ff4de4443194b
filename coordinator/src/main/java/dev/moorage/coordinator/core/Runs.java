package dev.moorage.coordinator.core;

import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.WorldSize;
import dev.moorage.protocol.record.StateEntry;
import java.util.List;
import java.util.Optional;

/** What the job-state log says of runs and of what they loaded, as far as this coordinator has read it. Immutable. */
public record Runs(List<StateEntry.Run> runs, List<StateEntry.Restore> restores) {
    static final Runs NONE = new Runs(List.of(), List.of());

    public Runs {
        runs = List.copyOf(runs);
        restores = List.copyOf(restores);
    }

    /** The run that is not superseded. */
    public Optional<StateEntry.Run> latest() {
        return runs.isEmpty() ? Optional.empty() : Optional.of(runs.get(runs.size() - 1));
    }

    /** The number that the next new token gets. */
    public RunNumber next() {
        return new RunNumber(latest().map(run -> run.run().value() + 1).orElse(1L));
    }

    /** The run of a token. */
    public Optional<StateEntry.Run> of(RunToken token) {
        return runs.stream().filter(run -> run.token().equals(token)).findFirst();
    }

    /** The run of a number. */
    public Optional<StateEntry.Run> of(RunNumber number) {
        return runs.stream().filter(run -> run.run().equals(number)).findFirst();
    }

    /** Whether this is the run whose ranks may stage and load now. */
    public boolean isLatest(RunNumber number) {
        return latest().map(run -> run.run().equals(number)).orElse(false);
    }

    /** Whether nobody who read the same log can know this run: the log has gone on without this coordinator. */
    public boolean isAhead(RunNumber number) {
        return latest().map(run -> run.run().compareTo(number) < 0).orElse(true);
    }

    /** What was decided for this load. */
    public Optional<Step> restored(RunNumber run, long ordinal) {
        return restores.stream()
                .filter(restore -> restore.run().equals(run) && restore.ordinal() == ordinal)
                .map(StateEntry.Restore::step)
                .findFirst();
    }

    /** Why this token with this world size cannot be used; empty if it can, or is new. */
    public Optional<String> refusal(RunToken token, WorldSize worldSize) {
        return of(token).flatMap(known -> {
            if (!isLatest(known.run())) {
                return Optional.of(superseded(known.run()));
            }
            return known.worldSize().equals(worldSize)
                    ? Optional.empty()
                    : Optional.of("run " + known.run() + " has world size " + known.worldSize() + ", not " + worldSize
                            + ": start all ranks with the same world size and a new run token");
        });
    }

    /** For people: why a run may not go on. */
    public String superseded(RunNumber run) {
        return "run " + run + " is superseded by run "
                + latest().map(StateEntry.Run::run).map(RunNumber::toString).orElse("?");
    }

    Runs with(StateEntry.Event event) {
        if (event instanceof StateEntry.Run run) {
            return new Runs(append(runs, run), restores);
        }
        if (event instanceof StateEntry.Restore restore) {
            return new Runs(runs, append(restores, restore));
        }
        return this;
    }

    private static <T> List<T> append(List<T> list, T last) {
        return java.util.stream.Stream.concat(list.stream(), java.util.stream.Stream.of(last))
                .toList();
    }
}
