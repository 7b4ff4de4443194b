package dev.moorage.coordinator.core;

import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.CheckpointState;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.WorldSize;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.Answer.SaveView;
import dev.moorage.protocol.record.Intent;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.StateEntry;
import java.util.Optional;

/** How a save looks to those who ask. */
record SaveViews(JobContext job, CheckpointId id, SavePhase phase, int attempts, String trouble) {

    private record Counts(long raw, long rawDone, long storedDone, int parts, int partsDone) {
        static final Counts NOTHING = new Counts(0, 0, 0, 0, 0);
    }

    private record Who(Optional<RunNumber> run, Optional<WorldSize> worldSize, RankSet staged, RankSet missing) {}

    SaveView staging(Optional<Staging> staging) {
        return staging(CheckpointState.STAGING, staging, Optional.empty());
    }

    /** Nothing came of it, and no attempt was made: to be tried again, or to be corrected first. */
    Answer failed(Optional<Staging> staging, Answer.Refused why) {
        return why.kind() == FailureKind.UNAVAILABLE
                ? staging(CheckpointState.ABORTED, staging, Optional.of(why.message()))
                : why;
    }

    private SaveView staging(CheckpointState state, Optional<Staging> staging, Optional<String> reason) {
        Optional<StateEntry.Run> run = job.runs().latest();
        RankSet staged = staging.map(Staging::staged).orElse(RankSet.EMPTY);
        Who who = new Who(
                run.map(StateEntry.Run::run),
                run.map(StateEntry.Run::worldSize),
                staged,
                run.map(known -> missing(known.worldSize(), staging)).orElse(RankSet.EMPTY));
        Counts counts = new Counts(staging.map(Staging::rawBytes).orElse(0L), 0, 0, 0, 0);
        return view(state, who, counts, reason.orElseGet(() -> waits(who)), false, Optional.empty());
    }

    private String waits(Who who) {
        if (!trouble.isEmpty()) {
            return trouble;
        }
        return switch (phase) {
            case WALKING -> "reads the store";
            case READY -> "waits for another step of the job to end";
            case OPENING -> "opens attempt " + (attempts + 1);
            default ->
                "waits for ranks "
                        + (who.worldSize().isEmpty()
                                ? "of a run"
                                : who.missing().toString());
        };
    }

    SaveView driving(AttemptMachine attempt) {
        PartLedger ledger = attempt.ledger();
        Counts counts = new Counts(
                ledger.rawBytes(),
                Math.min(attempt.rawBytesDone(), ledger.rawBytes()),
                attempt.storedBytesDone(),
                attempt.intent().parts().size(),
                ledger.partsDone());
        return view(attempt.state(), all(attempt.intent()), counts, attempt.trouble(), false, Optional.empty());
    }

    SaveView committed(Manifest.Committed manifest, boolean already, Optional<Answer.VerificationView> verification) {
        Who who = all(manifest.run(), manifest.spec().worldSize());
        int parts = manifest.parts().size();
        Counts counts = new Counts(manifest.rawBytes(), manifest.rawBytes(), manifest.storedBytes(), parts, parts);
        return new SaveViews(job, id, phase, manifest.attempt().attempt().value(), "")
                .view(CheckpointState.COMMITTED, who, counts, "", already, verification);
    }

    SaveView aborted(Optional<Intent> intent, Optional<Manifest> outcome) {
        Who who = intent.map(SaveViews::all)
                .orElseGet(() -> new Who(Optional.empty(), Optional.empty(), RankSet.EMPTY, RankSet.EMPTY));
        String reason = outcome.filter(Manifest.Aborted.class::isInstance)
                .map(told -> ((Manifest.Aborted) told).reason())
                .orElse("the checkpoint was deleted");
        CheckpointState state = outcome.filter(Manifest.Committed.class::isInstance)
                .map(deleted -> CheckpointState.DELETED)
                .orElse(CheckpointState.ABORTED);
        return view(state, who, Counts.NOTHING, reason, false, Optional.empty());
    }

    private static Who all(Intent intent) {
        return all(intent.run(), intent.spec().worldSize());
    }

    private static Who all(RunNumber run, WorldSize worldSize) {
        RankSet ranks = RankSet.of(worldSize.ranks().toList());
        return new Who(Optional.of(run), Optional.of(worldSize), ranks, RankSet.EMPTY);
    }

    private SaveView view(
            CheckpointState state,
            Who who,
            Counts counts,
            String reason,
            boolean already,
            Optional<Answer.VerificationView> verification) {
        return new SaveView(
                id.job(),
                id.step(),
                state,
                attempts,
                who.run().map(RunNumber::value).orElse(0L),
                who.worldSize().map(WorldSize::value).orElse(0),
                JobContext.cut(who.staged()),
                JobContext.cut(who.missing()),
                counts.raw(),
                counts.rawDone(),
                counts.storedDone(),
                counts.parts(),
                counts.partsDone(),
                already,
                reason,
                verification);
    }

    private static RankSet missing(WorldSize worldSize, Optional<Staging> staging) {
        return staging.map(known -> known.missing(worldSize))
                .orElseGet(() -> RankSet.of(worldSize.ranks().toList()));
    }

    /** Why nothing came of a staging: who is missing. */
    static String missing(JobContext job, Optional<Staging> staging) {
        String waited = job.timings.rankMillis() / 1000.0 + " s";
        return job.runs()
                .latest()
                .map(run -> "ranks "
                        + JobContext.cut(missing(run.worldSize(), staging).toString()) + " of run " + run.run()
                        + " did not stage the step within " + waited + " of the first; save it again when they have")
                .orElse("the job has no run: no rank attached within " + waited);
    }
}
