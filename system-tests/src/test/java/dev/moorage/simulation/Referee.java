package dev.moorage.simulation;

import dev.moorage.checkpoint.AttemptView;
import dev.moorage.checkpoint.JobState;
import dev.moorage.checkpoint.Layout;
import dev.moorage.checkpoint.ManifestLog;
import dev.moorage.checkpoint.StateLog;
import dev.moorage.protocol.Attempt;
import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.CheckpointState;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.record.Intent;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PartHeader;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.StateEntry;
import dev.moorage.protocol.record.StoredShard;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Watches every record that appears on the store and everything that anybody is told, at the moment it happens. */
final class Referee {
    private static final Pattern RECORD = Pattern.compile("[^/]+/steps/([0-9]{20})/a([0-9]{4})/(.*)");

    private final World world;
    private final ManifestLog log;
    private final Map<String, Crc32c> objects = new TreeMap<>();
    private final TreeMap<RunNumber, StateEntry.Run> runs = new TreeMap<>();
    private final Map<JobState.RestoreKey, Step> restores = new HashMap<>();

    Referee(World world) {
        this.world = world;
        this.log = new ManifestLog(world.truth, () -> 0);
    }

    /** The run of a number, as the log has it. */
    Optional<StateEntry.Run> run(RunNumber number) {
        return Optional.ofNullable(runs.get(number));
    }

    /** The token of the newest run that the log has. */
    Optional<RunToken> latest() {
        return runs.isEmpty()
                ? Optional.empty()
                : Optional.of(runs.lastEntry().getValue().token());
    }

    /** S9: an object stays as it was first seen. Then whatever its kind has to keep. */
    void wrote(String key, boolean won) {
        Crc32c sum = sum(key);
        Crc32c before = objects.putIfAbsent(key, sum);
        if (before != null && !before.equals(sum)) {
            throw world.timeline.broken("S9", key + " was overwritten");
        }
        if (before != null || !won) {
            if (!won) {
                raceLost(key);
            }
            return;
        }
        if (key.startsWith(Layout.states(World.JOB))) {
            logged();
        }
        Matcher record = RECORD.matcher(key);
        if (record.matches()) {
            AttemptId attempt = new CheckpointId(World.JOB, new Step(Long.parseLong(record.group(1))))
                    .attempt(Integer.parseInt(record.group(2)));
            appeared(attempt, record.group(3));
        }
    }

    private Crc32c sum(String key) {
        try {
            return world.truth.stat(key).crc().orElseThrow();
        } catch (IOException gone) {
            throw world.timeline.broken("S5", key + " is gone: " + gone);
        }
    }

    private void raceLost(String key) {
        if (key.contains("/parts/")) {
            world.cover(Covered.PART_RACE_LOST);
        } else if (key.endsWith("/manifest.json")) {
            world.cover(Covered.OUTCOME_RACE_LOST);
        } else if (key.endsWith("/intent.json")) {
            world.cover(Covered.INTENT_RACE_LOST);
        }
    }

    /** Runs and restores of the log are there to stay. */
    private void logged() {
        JobState state = new StateLog(world.truth, World.JOB, () -> 0).read();
        state.runs().forEach((number, run) -> {
            StateEntry.Run before = runs.putIfAbsent(number, run);
            if (before == null && number.value() > 1) {
                world.cover(Covered.RUN_SUPERSEDED);
            }
            if (before != null && !before.equals(run)) {
                throw world.timeline.broken("S7", "run " + number + " was " + before + " and is " + run);
            }
        });
    }

    private void appeared(AttemptId attempt, String name) {
        if (!name.startsWith("shards/")) {
            world.timeline.log("store: " + attempt + " " + name);
            world.misfortune.recordAppeared();
        }
        if (name.equals("intent.json")) {
            intentAppeared(attempt);
        } else if (name.equals("manifest.json")) {
            closed(log.outcome(attempt).orElseThrow());
        } else if (name.startsWith("parts/")) {
            partAppeared(attempt, new PartNumber(Integer.parseInt(name.substring(6, 12))));
        }
    }

    /** S2: an attempt begins only when the one before is closed. */
    private void intentAppeared(AttemptId attempt) {
        int number = attempt.attempt().value();
        if (number > 1) {
            AttemptId before = attempt.checkpoint().attempt(number - 1);
            boolean isClosed = log.outcome(before)
                    .filter(outcome -> outcome instanceof Manifest.Aborted || log.isDeleted(before))
                    .isPresent();
            if (!isClosed) {
                throw world.timeline.broken("S2", attempt + " has an intent, but " + before + " is not closed");
            }
            world.cover(Covered.RETRIED);
        }
    }

    /** A part record names only what is there already. */
    private void partAppeared(AttemptId attempt, PartNumber part) {
        PartHeader header = log.readHead(attempt, part).header();
        Intent intent = log.intent(attempt)
                .orElseThrow(() -> world.timeline.broken("S1", attempt + " has part " + part + " and no intent"));
        if (!header.run().equals(intent.run())) {
            throw world.timeline.broken(
                    "S2", attempt + " part " + part + " is of run " + header.run() + ", not " + intent.run());
        }
        whole(attempt, header);
        boolean open = log.outcome(attempt).isEmpty();
        if (open && !world.isHealed() && world.chance.of(world.plan.demand().steal())) {
            steal(Layout.shard(attempt, header.shards().get(0)));
        }
    }

    /** A stranger removes what a part record names: a commit must not name it any more. */
    private void steal(String key) {
        world.cover(Covered.SHARD_STOLEN);
        world.timeline.log("a stranger removes a shard");
        world.truth.delete(key);
        objects.remove(key);
    }

    private void whole(AttemptId attempt, PartHeader header) {
        for (StoredShard shard : header.shards()) {
            String key = Layout.shard(attempt, shard);
            try {
                if (world.truth.stat(key).bytes() != shard.storedBytes()
                        || !world.truth.stat(key).crc().equals(Optional.of(shard.storedCrc()))) {
                    throw world.timeline.broken("S1", key + " is not as part " + header.part() + " says");
                }
            } catch (NoSuchFileException absent) {
                throw world.timeline.broken("S1", key + " is named by part " + header.part() + " and absent");
            } catch (IOException failure) {
                throw new AssertionError(failure);
            }
        }
    }

    /** S1 and S2 at the moment of the commit. */
    private void closed(Manifest outcome) {
        AttemptId attempt = outcome.attempt();
        Intent intent = log.intent(attempt)
                .orElseThrow(() -> world.timeline.broken("S1", attempt + " has an outcome and no intent"));
        if (outcome instanceof Manifest.Aborted) {
            world.cover(Covered.ABORTED);
            return;
        }
        world.cover(Covered.COMMITTED);
        Manifest.Committed committed = (Manifest.Committed) outcome;
        if (!committed.epoch().equals(intent.epoch())) {
            world.cover(Covered.COMMITTED_BY_SUCCESSOR);
        }
        if (attempt.attempt().value() > 1) {
            world.cover(Covered.COMMITTED_AFTER_RETRY);
        }
        if (committed.parts().size() != intent.parts().size()
                || !committed.run().equals(intent.run())) {
            throw world.timeline.broken("S1", attempt + " commits " + committed + ", its intent is " + intent);
        }
        if (log.inventory(attempt).shards().size() > world.shards().size()) {
            world.cover(Covered.STORED_TWICE);
        }
        for (PartRef part : committed.parts()) {
            whole(attempt, log.readHead(attempt, part).header());
        }
        List<AttemptId> visible = log.attempts(attempt.checkpoint()).stream()
                .filter(AttemptView::isVisible)
                .map(AttemptView::id)
                .toList();
        if (visible.size() != 1) {
            throw world.timeline.broken("S2", "visible at once: " + visible);
        }
    }

    /** S5: nobody deletes anything but what registrations leave behind. */
    void deletes(String who, String key) {
        if (!key.startsWith(".moorage/")) {
            throw world.timeline.broken("S5", who + " deletes " + key);
        }
    }

    /** S3: nobody is told what the register does not hold. */
    void told(String by, ToWorker message) {
        if (message instanceof ToWorker.OutcomeTold outcome) {
            register(by, outcome.attempt(), outcome.committed());
            world.cover(outcome.committed() ? Covered.TOLD_COMMITTED : Covered.TOLD_ABORTED);
        } else if (message instanceof ToWorker.RunOpened opened) {
            StateEntry.Run run = runs.get(opened.run());
            if (run == null || !run.token().equals(opened.token())) {
                throw world.timeline.broken("S7", by + " tells " + opened + ", the log says " + run);
            }
        } else if (message instanceof ToWorker.LoadDecided decided
                && decided.step().isPresent()) {
            decided(by, decided.run(), decided.ordinal(), decided.step().get());
        }
    }

    private void decided(String by, RunNumber run, long ordinal, Step step) {
        Optional<Step> logged = new StateLog(world.truth, World.JOB, () -> 0)
                .read()
                .restore(run, ordinal)
                .map(StateEntry.Restore::step);
        JobState.RestoreKey key = new JobState.RestoreKey(run, ordinal);
        Step before = restores.putIfAbsent(key, step);
        if (!logged.equals(Optional.of(step)) || (before != null && !before.equals(step))) {
            throw world.timeline.broken(
                    "restore",
                    by + " tells step " + step + " for load " + ordinal + " of run " + run + ", the log says " + logged
                            + ", before it was " + before);
        }
        world.cover(Covered.LOAD_DECIDED);
    }

    private void register(String by, AttemptId attempt, boolean committed) {
        Optional<Manifest> outcome = log.outcome(attempt);
        boolean agrees = outcome.filter(there -> there instanceof Manifest.Committed == committed)
                .isPresent();
        if (!agrees) {
            throw world.timeline.broken(
                    "S3",
                    by + " says that " + attempt + " is " + (committed ? "COMMITTED" : "ABORTED")
                            + ", the register holds " + outcome);
        }
    }

    /** S3 for clients. */
    void answered(String by, Answer answer) {
        if (answer instanceof Answer.SaveView view) {
            CheckpointId checkpoint = new CheckpointId(view.job(), view.step());
            if (view.state() == CheckpointState.COMMITTED) {
                register(by, new AttemptId(view.job(), view.step(), new Attempt(view.attempt())), true);
                world.cover(view.already() ? Covered.ANSWERED_ALREADY : Covered.ANSWERED_COMMITTED);
            } else if (view.state() == CheckpointState.ABORTED && view.attempt() > 0) {
                register(by, checkpoint.attempt(view.attempt()), false);
                world.cover(Covered.ANSWERED_ABORTED);
            } else if (view.state() == CheckpointState.ABORTED) {
                world.cover(Covered.ANSWERED_BEFORE_ANY_ATTEMPT);
            }
        } else if (answer instanceof Answer.Refused refused) {
            world.cover(Covered.ANSWERED_REFUSED);
            if (refused.message().contains("replica group")) {
                world.cover(Covered.REPLICAS_DIFFER);
            }
            if (refused.kind() == FailureKind.CORRUPT) {
                throw world.timeline.broken("S6", by + " answers " + refused);
            }
        } else if (answer instanceof Answer.VerificationView view
                && view.result().isPresent()) {
            world.cover(Covered.VERIFIED);
            if (view.result().get() == VerdictResult.CORRUPT) {
                throw world.timeline.broken("S6", by + " answers " + view);
            }
        }
    }

    /** Every object that was ever seen, with its sum. */
    Map<String, Crc32c> objects() {
        return objects;
    }
}
