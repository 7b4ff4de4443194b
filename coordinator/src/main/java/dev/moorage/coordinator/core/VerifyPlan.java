package dev.moorage.coordinator.core;

import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerificationStatus;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToCoordinator.PartProgress;
import dev.moorage.protocol.cluster.ToCoordinator.ShardsChecked;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.record.Finding;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.StoredShard;
import dev.moorage.protocol.record.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * One verification: each part is looked at by a worker other than the one that stored it, where there is another.
 *
 * <pre>
 *   finding --visible--> reading heads --> checking --all answered or given up--> writing --> done
 *      '--nothing visible--> failed
 * </pre>
 */
final class VerifyPlan {
    private static final int INVITE_RETRIES = 3;
    private static final int FINDINGS_MAX = 1_000;
    private static final int MOVES_MAX = 5;

    private final JobContext job;
    private final CheckpointId id;
    private final String requestId;
    private final VerifyDepth depth;
    private final Optional<RankSet> ranks;
    private final long since;
    private long inviteAt = Long.MIN_VALUE;
    private final SortedMap<Integer, VerifyCheck> checks = new TreeMap<>();
    private final List<Finding> unreadable = new ArrayList<>();
    private Optional<Manifest.Committed> manifest = Optional.empty();
    private Optional<StoreOperation> awaited = Optional.empty();
    private Optional<Verdict> verdict = Optional.empty();
    private Optional<Answer.Refused> failure = Optional.empty();

    /** Looks for the checkpoint first. */
    VerifyPlan(JobContext job, CheckpointId id, String requestId, VerifyDepth depth, Optional<RankSet> ranks) {
        this.job = job;
        this.id = id;
        this.requestId = requestId;
        this.depth = depth;
        this.ranks = ranks;
        this.since = job.now();
    }

    void find() {
        await(new StoreOperation.FindVisible(id, requestId));
    }

    /** Of a checkpoint that is known. */
    void start(Manifest.Committed committed) {
        manifest = Optional.of(committed);
        job.note(about(), "verification " + requestId + " begins, depth " + depth);
        List<PartRef> wanted = committed.parts().stream().filter(this::isWanted).toList();
        await(new StoreOperation.ReadHeads(committed.attempt(), requestId, wanted));
    }

    boolean isSame(VerifyDepth askedDepth, Optional<RankSet> askedRanks) {
        return depth.equals(askedDepth) && ranks.equals(askedRanks);
    }

    boolean isEnded() {
        return verdict.isPresent() || failure.isPresent();
    }

    boolean hasBegun() {
        return manifest.isPresent() || isEnded();
    }

    Optional<Answer.Refused> failure() {
        return failure;
    }

    String describe() {
        return "depth " + depth + " over ranks " + ranks.map(RankSet::toString).orElse("all");
    }

    private boolean isWanted(PartRef part) {
        return Stream.concat(part.own().ranks(), part.replicated().ranks()).anyMatch(this::isWanted);
    }

    private boolean isWanted(Rank rank) {
        return ranks.map(wanted -> wanted.contains(rank)).orElse(true);
    }

    private void await(StoreOperation operation) {
        awaited = Optional.of(operation);
        job.perform(operation);
    }

    boolean awaits(StoreOperation operation) {
        return awaited.filter(operation::equals).isPresent();
    }

    void stored(StoreOperation operation, StoreResult result) {
        if (!awaits(operation)) {
            return;
        }
        if (result instanceof StoreResult.Failed failed) {
            if (failed.kind() != FailureKind.UNAVAILABLE && failed.kind() != FailureKind.IN_DOUBT) {
                fail(failed.kind(), failed.reason());
            }
            return;
        }
        awaited = Optional.empty();
        if (result instanceof StoreResult.Walked walked) {
            walked.visible()
                    .flatMap(StoreResult.AttemptSeen::committed)
                    .ifPresentOrElse(
                            this::start, () -> fail(FailureKind.NOT_FOUND, id + " has no committed checkpoint"));
        } else if (result instanceof StoreResult.HeadsRead heads) {
            heads.heads().forEach(this::add);
            pump();
        } else if (result instanceof StoreResult.VerdictWritten written) {
            verdict = Optional.of(written.verdict());
            job.note(
                    about(),
                    "verification " + requestId + " ends: verdict "
                            + written.verdict().number() + " "
                            + written.verdict().result());
        }
    }

    private void fail(FailureKind kind, String reason) {
        awaited = Optional.empty();
        failure = Optional.of(new Answer.Refused(kind, reason));
        job.note(about(), "verification " + requestId + " failed: " + reason);
    }

    private void add(StoreResult.HeadSeen head) {
        if (head.header().isPresent()) {
            List<StoredShard> shards = head.header().get().shards().stream()
                    .filter(shard -> isWanted(shard.shard().rank()))
                    .toList();
            checks.put(
                    head.ref().part().value(),
                    new VerifyCheck(head.ref(), head.header().get(), shards, job.now()));
        } else {
            VerdictResult result = head.failure().orElseThrow() == FailureKind.UNAVAILABLE
                    ? VerdictResult.INCOMPLETE
                    : VerdictResult.CORRUPT;
            unreadable.addAll(VerifyCheck.all(shardsOf(head.ref()), result, head.reason()));
        }
    }

    /** All shards of a part that the manifest knows of, wanted ones only. */
    private List<ShardId> shardsOf(PartRef ref) {
        return Stream.concat(
                        ref.own().ranks().map(rank -> new ShardId(rank, ShardKind.OWN)),
                        ref.replicated().ranks().map(rank -> new ShardId(rank, ShardKind.REPLICATED)))
                .filter(shard -> isWanted(shard.rank()))
                .sorted()
                .toList();
    }

    /** Hands out what nobody works on, moves what is lost or stuck, and ends when everything has been answered. */
    void pump() {
        if (isEnded() || awaited.isPresent() || manifest.isEmpty()) {
            return;
        }
        invite();
        for (VerifyCheck check : checks.values()) {
            if (!check.isDone()) {
                pump(check);
            }
        }
        if (checks.values().stream().allMatch(VerifyCheck::isDone)) {
            await(new StoreOperation.WriteVerdict(manifest.get().attempt(), requestId, draft()));
        }
    }

    /** Workers that hold nothing of the job can read it as well, and better than those that wrote it. */
    private void invite() {
        if (job.now() >= inviteAt && checks.values().stream().anyMatch(check -> !check.isDone())) {
            inviteAt = job.now() + INVITE_RETRIES * job.timings.retryMillis();
            job.invite();
        }
    }

    /** Whoever stored a part is asked to check it only when nobody else has come in the meantime. */
    private boolean mayCheck(VerifyCheck check, Roster.Member worker) {
        return !worker.worker().equals(check.uploader)
                || job.now() - since >= INVITE_RETRIES * job.timings.retryMillis();
    }

    private void pump(VerifyCheck check) {
        boolean stuck = job.now() - check.heardMillis() >= job.timings.stuckMillis();
        check.post().ifPresent(worker -> {
            if (!job.isLive(worker.incarnation()) || stuck) {
                job.note(about(), "part " + check.ref.part() + " is not checked by " + worker + " any more");
                check.unpost(job.now());
            }
        });
        if (check.post().isEmpty()) {
            Stream<Roster.Member> able = job.live().stream().filter(worker -> mayCheck(check, worker));
            able.min(preference(check)).ifPresent(worker -> {
                check.post(worker, job.now());
                order(check, worker.incarnation());
            });
        }
        boolean nobody = check.post().isEmpty() && job.now() - check.heardMillis() >= job.timings.returnMillis();
        if (nobody || check.moves() > MOVES_MAX || job.now() - since >= job.timings.saveMillis()) {
            check.giveUp("no worker answered; verify again when workers are there");
        }
    }

    private Comparator<Roster.Member> preference(VerifyCheck check) {
        return Comparator.<Roster.Member, Boolean>comparing(
                        member -> member.worker().equals(check.uploader))
                .thenComparing(member -> check.wasTriedBy(member.incarnation()))
                .thenComparing(this::load)
                .thenComparing(Roster.Member::worker);
    }

    private long load(Roster.Member member) {
        return checks.values().stream()
                .filter(check -> !check.isDone() && isPostedTo(check, member.incarnation()))
                .mapToLong(check -> check.bytes)
                .sum();
    }

    private static boolean isPostedTo(VerifyCheck check, Incarnation incarnation) {
        return check.post()
                .filter(worker -> worker.incarnation().equals(incarnation))
                .isPresent();
    }

    private void order(VerifyCheck check, Incarnation to) {
        job.tell(
                to,
                new ToWorker.CheckShards(
                        manifest.orElseThrow().attempt(),
                        job.epoch(),
                        requestId,
                        check.ref,
                        check.shards,
                        depth,
                        requestId.hashCode() * 31L + check.ref.part().value()));
    }

    /** Repeats the orders of a worker that has registered again. */
    void registered(Incarnation incarnation) {
        checks.values().stream()
                .filter(check -> !check.isDone() && isPostedTo(check, incarnation))
                .forEach(check -> order(check, incarnation));
    }

    void epochRaised() {
        checks.values().stream()
                .filter(check -> !check.isDone())
                .forEach(check -> check.post().ifPresent(worker -> order(check, worker.incarnation())));
    }

    void progress(Incarnation from, PartProgress progress) {
        manifest.filter(known -> known.attempt().equals(progress.attempt()))
                .map(known -> checks.get(progress.part().value()))
                .filter(check -> isPostedTo(check, from))
                .ifPresent(check -> check.progress(progress.storedBytes(), job.now()));
    }

    void checked(ShardsChecked checked) {
        if (manifest.filter(known -> known.attempt().equals(checked.attempt())).isPresent()) {
            Optional.ofNullable(checks.get(checked.part().value())).ifPresent(check -> check.answered(checked));
            pump();
        }
    }

    private StoreOperation.VerdictDraft draft() {
        List<Finding> findings = findings().limit(FINDINGS_MAX).toList();
        boolean allShards = manifest.orElseThrow().spec().worldSize().ranks().allMatch(this::isWanted);
        String proven = answers()
                .map(ShardsChecked::proven)
                .distinct()
                .sorted()
                .limit(4)
                .reduce((one, other) -> one + "; " + other)
                .orElse("nothing");
        return new StoreOperation.VerdictDraft(
                depth,
                result(),
                allShards,
                unreadable.isEmpty() && checks.values().stream().allMatch(VerifyCheck::isIndependent),
                proven,
                answers().mapToInt(ShardsChecked::shards).sum(),
                answers().mapToLong(ShardsChecked::bytesRead).sum(),
                findings,
                job.marks.nonce(),
                job.marks.createdAtMillis());
    }

    private VerdictResult result() {
        if (findings().anyMatch(finding -> finding.result() == VerdictResult.CORRUPT)) {
            return VerdictResult.CORRUPT;
        }
        return findings().findAny().isPresent() ? VerdictResult.INCOMPLETE : VerdictResult.GOOD;
    }

    private Stream<Finding> findings() {
        return Stream.concat(unreadable.stream(), checks.values().stream().flatMap(check -> check.findings().stream()));
    }

    private Stream<ShardsChecked> answers() {
        return checks.values().stream().flatMap(check -> check.answer().stream());
    }

    Answer.VerificationView view(VerificationStatus status) {
        List<Finding> findings = verdict.map(Verdict::findings).orElse(List.of());
        return new Answer.VerificationView(
                id.job(),
                id.step(),
                requestId,
                depth,
                !isEnded(),
                checks.values().stream().mapToLong(check -> check.bytes).sum(),
                checks.values().stream().mapToLong(VerifyCheck::bytesDone).sum(),
                checks.values().stream().mapToInt(check -> check.shards.size()).sum() + unreadable.size(),
                checks.values().stream()
                                .filter(VerifyCheck::isDone)
                                .mapToInt(check -> check.shards.size())
                                .sum()
                        + unreadable.size(),
                verdict.map(Verdict::number).orElse(0),
                verdict.map(Verdict::result),
                verdict.map(Verdict::independentReader).orElse(false),
                status,
                JobContext.cut(findings));
    }

    private String about() {
        return manifest.map(known -> known.attempt() + " run " + known.run()).orElseGet(id::toString);
    }
}
