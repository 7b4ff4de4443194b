package dev.moorage.coordinator.core;

import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.record.Finding;
import dev.moorage.protocol.record.StateEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What all machines of one job share while an event is handled: the time, the log, the workers, and what is to be done. */
final class JobContext {
    /** What keeps an answer below the size of a message, whatever ranks and workers come up with. */
    private static final int TEXT_MAX = 2_000;

    private static final int RANGES_MAX = 800;

    final JobName job;
    final Timings timings;
    final Marks marks;
    final Roster roster = new Roster();
    private final List<Effect> effects = new ArrayList<>();
    private Runs runs = Runs.NONE;
    private Epoch epoch;
    private long now;

    JobContext(JobName job, Timings timings, Marks marks) {
        this.job = job;
        this.timings = timings;
        this.marks = marks;
    }

    long now() {
        return now;
    }

    void now(long millis) {
        now = millis;
    }

    /** Of the newest claim. Only asked for after the first one. */
    Epoch epoch() {
        return epoch;
    }

    Runs runs() {
        return runs;
    }

    void claimed(StoreResult.Claimed claim) {
        epoch = claim.epoch();
        runs = new Runs(claim.runs(), claim.restores());
    }

    void logged(StateEntry.Event event) {
        runs = runs.with(event);
    }

    boolean isLive(Incarnation incarnation) {
        return roster.isLive(incarnation, now, timings.lostMillis());
    }

    List<Roster.Member> live() {
        return roster.live(now, timings.lostMillis());
    }

    void tell(Incarnation to, ToWorker.FromCoordinator message) {
        effects.add(new Effect.Tell(to, message));
    }

    /** Nobody can go on through this worker; those who wait there are told why. */
    void refuseRegistration(Incarnation to, FailureKind kind, String reason) {
        tell(to, new ToWorker.RegistrationRefused(job, to, kind, cut(reason)));
        forget(to);
    }

    /** Tells a worker that there is no attempt at a step that its ranks have staged. */
    void stagingEnded(Incarnation to, CheckpointId id, String reason) {
        runs.latest()
                .ifPresent(run -> tell(to, new ToWorker.StagingEnded(job, run.run(), id.step(), epoch, cut(reason))));
    }

    void invite() {
        effects.add(new Effect.Invite(new ToWorker.Invite(job)));
    }

    /** Tells a worker that holds ranks of a run that is not the latest one. */
    void refuseSuperseded(Incarnation to, RunNumber run) {
        runs.of(run).ifPresent(known -> refuseRun(to, known.token(), FailureKind.INVALID, runs.superseded(run)));
    }

    void refuseRun(Incarnation to, RunToken token, FailureKind kind, String reason) {
        tell(to, new ToWorker.RunRefused(job, token, kind, cut(reason)));
    }

    void perform(StoreOperation operation) {
        effects.add(new Effect.Perform(operation));
    }

    void reply(long ticket, Answer answer) {
        effects.add(new Effect.Reply(ticket, answer));
    }

    void forget(Incarnation incarnation) {
        effects.add(new Effect.Forget(incarnation));
    }

    /** Writes a decision down: {@code about} names step, attempt and run. */
    void note(Object about, String decision) {
        effects.add(new Effect.Note(about + " epoch "
                + Optional.ofNullable(epoch).map(Epoch::toString).orElse("-") + ": " + decision));
    }

    /** A text for people, short enough for any message. */
    static String cut(String text) {
        return text.length() <= TEXT_MAX ? text : text.substring(0, TEXT_MAX) + "…";
    }

    /** The first ranges of a set that is too scattered for a message. */
    static RankSet cut(RankSet ranks) {
        return ranks.ranges().size() <= RANGES_MAX
                ? ranks
                : new RankSet(ranks.ranges().subList(0, RANGES_MAX));
    }

    /** The first findings, for a view. */
    static List<Finding> cut(List<Finding> findings) {
        return findings.stream()
                .limit(50)
                .map(finding -> new Finding(finding.shard(), finding.result(), finding.chunk(), cut(finding.message())))
                .toList();
    }

    List<Effect> drain() {
        List<Effect> drained = List.copyOf(effects);
        effects.clear();
        return drained;
    }
}
