package dev.moorage.coordinator.core;

import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.cluster.ToCoordinator.PartFailed;
import dev.moorage.protocol.cluster.ToCoordinator.PartProgress;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.record.PlannedPart;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;

/** Who works on which part of an attempt, who has failed at it, and when nobody is left to ask. */
final class UploadBoard {
    /** A worker that fails a part this often is not asked for it again. */
    private static final int FAILURES_MAX = 3;

    private final JobContext job;
    private final PartLedger ledger;
    private final Map<PartNumber, WorkerId> preferred;
    private final Map<PartNumber, Post> posts = new HashMap<>();
    private final Map<Failure, Integer> failures = new HashMap<>();
    private final Map<PartNumber, String> lastFailure = new HashMap<>();
    private final Map<PartNumber, Long> orphanSince = new HashMap<>();
    private final Map<PartNumber, Long> notBefore = new HashMap<>();
    private final Set<PartNumber> reading = new HashSet<>();
    private final Set<Incarnation> told = new HashSet<>();

    /** A worker's work on a part. */
    private record Post(WorkerId worker, Incarnation incarnation, long byteMillis, long rawBytes, long storedBytes) {}

    private record Failure(PartNumber part, Incarnation incarnation) {}

    UploadBoard(JobContext job, PartLedger ledger, Map<PartNumber, WorkerId> preferred) {
        this.job = job;
        this.ledger = ledger;
        this.preferred = Map.copyOf(preferred);
    }

    /**
     * Gives every open part to a live holder, takes it from those that are lost or stuck. Answers why the attempt must be
     * aborted: a part that nobody can store, with its ranks named.
     */
    Optional<String> pump(Optional<Staging> staging) {
        List<PlannedPart> hopeless = new ArrayList<>();
        for (PlannedPart part : ledger.open()) {
            dropLostPost(part);
            if (isIdle(part.part()) && !assign(part, staging) && isHopeless(part, staging)) {
                hopeless.add(part);
            }
        }
        return hopeless.isEmpty() ? Optional.empty() : Optional.of(describe(hopeless));
    }

    /** Nobody works on it, its record is not being read, and no failure is fresh. */
    private boolean isIdle(PartNumber part) {
        return !posts.containsKey(part)
                && !reading.contains(part)
                && job.now() >= notBefore.getOrDefault(part, Long.MIN_VALUE);
    }

    private void dropLostPost(PlannedPart part) {
        Post post = posts.get(part.part());
        if (post == null) {
            return;
        }
        if (!job.isLive(post.incarnation())) {
            posts.remove(part.part());
            lastFailure.put(part.part(), "worker " + post.worker() + " is lost");
            job.note(about(), "part " + part.part() + " taken from worker " + post.worker() + ", which is lost");
        } else if (job.now() - post.byteMillis() >= job.timings.stuckMillis()) {
            posts.remove(part.part());
            exclude(
                    part.part(),
                    post,
                    FAILURES_MAX,
                    "worker " + post.worker() + " stored no byte of it for " + job.timings.stuckMillis() / 1000.0
                            + " s");
        }
    }

    private boolean assign(PlannedPart part, Optional<Staging> staging) {
        Optional<WorkerId> chosen = candidates(part, staging).stream()
                .filter(worker -> job.roster
                        .member(worker)
                        .filter(member -> job.isLive(member.incarnation()))
                        .isPresent())
                .min(Comparator.<WorkerId, Boolean>comparing(worker -> !worker.equals(preferred.get(part.part())))
                        .thenComparing(this::load)
                        .thenComparing(Comparator.naturalOrder()));
        chosen.flatMap(job.roster::member).ifPresent(member -> {
            posts.put(part.part(), new Post(member.worker(), member.incarnation(), job.now(), 0, 0));
            orphanSince.remove(part.part());
            job.note(
                    about(), "part " + part.part() + " (ranks " + PartLedger.ranksOf(List.of(part)) + ") to " + member);
            order(part, member.incarnation());
        });
        return chosen.isPresent();
    }

    private Set<WorkerId> candidates(PlannedPart part, Optional<Staging> staging) {
        SortedSet<WorkerId> holders =
                staging.map(staged -> staged.holdersOf(part)).orElseGet(java.util.TreeSet::new);
        holders.removeIf(worker -> isExcluded(part.part(), worker));
        return holders;
    }

    private boolean isExcluded(PartNumber part, WorkerId worker) {
        return job.roster
                .member(worker)
                .filter(member -> failures.getOrDefault(new Failure(part, member.incarnation()), 0) >= FAILURES_MAX)
                .isPresent();
    }

    /** Nobody who lives can store it: whoever might return gets his time, unless all holders have failed for good. */
    private boolean isHopeless(PlannedPart part, Optional<Staging> staging) {
        boolean anyoneFailed = failures.entrySet().stream()
                .anyMatch(failure -> failure.getKey().part().equals(part.part()) && failure.getValue() >= FAILURES_MAX);
        if (anyoneFailed && candidates(part, staging).isEmpty()) {
            return true;
        }
        long since = orphanSince.computeIfAbsent(part.part(), fresh -> job.now());
        return job.now() - since >= job.timings.returnMillis();
    }

    private String describe(List<PlannedPart> hopeless) {
        String why = hopeless.stream()
                .flatMap(part -> Optional.ofNullable(lastFailure.get(part.part())).stream())
                .findFirst()
                .orElse("no worker that holds them registered in time");
        return "the shards of ranks " + PartLedger.ranksOf(hopeless) + " cannot be stored: " + why
                + "; nobody else holds them";
    }

    private long load(WorkerId worker) {
        return ledger.open().stream()
                .filter(part -> Optional.ofNullable(posts.get(part.part()))
                        .filter(post -> post.worker().equals(worker))
                        .isPresent())
                .mapToLong(PlannedPart::rawBytes)
                .sum();
    }

    private void order(PlannedPart part, Incarnation to) {
        told.add(to);
        job.tell(
                to,
                new ToWorker.AssignPart(
                        ledger.intent().attempt(),
                        ledger.intent().run(),
                        job.epoch(),
                        part.part(),
                        ledger.intent().spec().codec(),
                        part.shards()));
    }

    /**
     * Repeats the orders of a worker that has registered again, where no byte has come yet or none for a while: the word that
     * it gave the part up may have been lost, and it begins again then.
     */
    void repeat(Incarnation incarnation) {
        each(incarnation, (part, post) -> {
            boolean silent = job.now() - post.byteMillis() >= job.timings.stuckMillis() / 4;
            if (silent || (post.rawBytes() == 0 && post.storedBytes() == 0)) {
                order(part, incarnation);
            }
        });
    }

    /** Repeats all orders: the epoch has risen, and workers drop those of the one before. */
    void repeatAll() {
        for (PlannedPart part : ledger.open()) {
            Optional.ofNullable(posts.get(part.part())).ifPresent(post -> order(part, post.incarnation()));
        }
    }

    private void each(Incarnation incarnation, java.util.function.BiConsumer<PlannedPart, Post> action) {
        for (PlannedPart part : ledger.open()) {
            Post post = posts.get(part.part());
            if (post != null && post.incarnation().equals(incarnation)) {
                action.accept(part, post);
            }
        }
    }

    void progress(Incarnation from, PartProgress progress) {
        posts.computeIfPresent(progress.part(), (part, post) -> {
            boolean moved = progress.rawBytes() != post.rawBytes() || progress.storedBytes() != post.storedBytes();
            return post.incarnation().equals(from) && moved
                    ? new Post(post.worker(), from, job.now(), progress.rawBytes(), progress.storedBytes())
                    : post;
        });
    }

    /** The part's record is there and is being read: whoever stored it has no more to do. */
    void reading(PartNumber part) {
        posts.remove(part);
        orphanSince.remove(part);
        reading.add(part);
    }

    boolean isReading(PartNumber part) {
        return reading.contains(part);
    }

    /** The record was read, or was not there after all. */
    void read(PartNumber part) {
        reading.remove(part);
    }

    void failed(PartFailed failure) {
        Post post = posts.get(failure.part());
        if (post == null || !post.incarnation().equals(failure.incarnation())) {
            return;
        }
        posts.remove(failure.part());
        if (failure.retryable()) {
            notBefore.put(failure.part(), job.now() + 2 * job.timings.retryMillis());
        }
        exclude(failure.part(), post, failure.retryable() ? 1 : FAILURES_MAX, failure.reason());
    }

    private void exclude(PartNumber part, Post post, int weight, String reason) {
        failures.merge(new Failure(part, post.incarnation()), weight, Integer::sum);
        lastFailure.put(part, reason);
        job.note(about(), "part " + part + " failed on worker " + post.worker() + ": " + reason);
    }

    long rawBytesUnderWay() {
        return posts.values().stream().mapToLong(Post::rawBytes).sum();
    }

    long storedBytesUnderWay() {
        return posts.values().stream().mapToLong(Post::storedBytes).sum();
    }

    /** Lives that were given a part: they must hear the outcome. */
    Set<Incarnation> told() {
        return told;
    }

    private String about() {
        return ledger.intent().attempt() + " run " + ledger.intent().run();
    }
}
