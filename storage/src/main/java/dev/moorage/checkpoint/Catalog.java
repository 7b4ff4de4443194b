package dev.moorage.checkpoint;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerificationStatus;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.StoredShard;
import dev.moorage.protocol.record.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * The questions that people ask of a store: what is there, which is the latest, does it hold.
 *
 * <p>An error while listing is never "no checkpoints": UNAVAILABLE comes through, and a record that does not hold is named.
 * Any thread; all calls block.
 */
public final class Catalog {
    private static final int REASONS_MAX = 10;

    private final ManifestLog log;
    private final ShardReader reader;

    /** @param reader for {@link #verify} */
    public Catalog(ManifestLog log, ShardReader reader) {
        this.log = requireNonNull(log);
        this.reader = requireNonNull(reader);
    }

    /** Every step of a job, ascending; also those that are open, aborted, deleted or damaged. */
    public List<CheckpointSummary> list(JobName job) {
        return log.steps(job).stream()
                .flatMap(step -> summary(new CheckpointId(job, step)).stream())
                .toList();
    }

    /**
     * The newest steps of a job, descending; reads no others.
     *
     * @param below only steps below this one
     * @param limit how many at most
     * @param stillWanted called before each step is read; what it throws ends the reading
     */
    public List<CheckpointSummary> newest(JobName job, Optional<Step> below, int limit, Runnable stillWanted) {
        NavigableSet<Step> steps = log.steps(job);
        return below.map(step -> steps.headSet(step, false)).orElse(steps).descendingSet().stream()
                .peek(step -> stillWanted.run())
                .flatMap(step -> summary(new CheckpointId(job, step)).stream())
                .limit(limit)
                .toList();
    }

    private Optional<CheckpointSummary> summary(CheckpointId checkpoint) {
        List<AttemptView> attempts;
        try {
            attempts = log.attempts(checkpoint);
        } catch (CheckpointException wrong) {
            return Optional.of(CheckpointSummary.damaged(checkpoint.step(), unlessUnanswered(wrong)));
        }
        if (attempts.isEmpty()) {
            return Optional.empty();
        }
        AttemptView view = visible(attempts).orElse(attempts.get(attempts.size() - 1));
        if (view.committed().isEmpty()) {
            return Optional.of(CheckpointSummary.unfinished(view));
        }
        if (view.deleted()) {
            return Optional.of(CheckpointSummary.committed(view, VerificationStatus.NONE, view.reason()));
        }
        try {
            return Optional.of(CheckpointSummary.committed(view, log.status(view.id()), ""));
        } catch (CheckpointException wrong) {
            String reason = unlessUnanswered(wrong);
            return Optional.of(CheckpointSummary.committed(view, VerificationStatus.CORRUPT, reason));
        }
    }

    /**
     * The checkpoint that is meant. {@code latest} is the highest visible step, never by time; {@code latest-verified} the
     * highest whose status is VERIFIED. A newer step with a record that does not hold is passed over and named.
     *
     * @throws CheckpointException NOT_FOUND if there is none; CORRUPT if that is so only because records do not hold
     */
    public Selected select(JobName job, Selector selector) {
        return select(job, selector, Map.of());
    }

    /**
     * The same, unless nobody wants to know any more.
     *
     * @param stillWanted called before each step is read; what it throws ends the reading
     */
    public Selected select(JobName job, Selector selector, Runnable stillWanted) {
        return select(job, selector, Map.of(), stillWanted);
    }

    /**
     * The same, but for steps that the caller found to be bad.
     *
     * @param refused why, by step; an explicit step is taken all the same
     */
    public Selected select(JobName job, Selector selector, Map<Step, String> refused) {
        return select(job, selector, refused, () -> {});
    }

    private Selected select(JobName job, Selector selector, Map<Step, String> refused, Runnable stillWanted) {
        if (selector.step().isPresent()) {
            return new Selected(visible(new CheckpointId(job, selector.step().get())), List.of());
        }
        List<Selected.PassedOver> passedOver = new ArrayList<>();
        boolean damaged = false;
        for (Step step : log.steps(job).descendingSet()) {
            stillWanted.run();
            try {
                List<AttemptView> attempts = log.attempts(new CheckpointId(job, step));
                Optional<Manifest.Committed> manifest = visible(attempts).flatMap(AttemptView::committed);
                Optional<String> why = Optional.ofNullable(refused.get(step))
                        .or(() -> manifest.isEmpty()
                                ? Optional.of(invisible(attempts))
                                : unfit(manifest.get(), selector));
                if (why.isEmpty()) {
                    return new Selected(manifest.orElseThrow(), passedOver);
                }
                passedOver.add(new Selected.PassedOver(step, why.get()));
            } catch (CheckpointException wrong) {
                passedOver.add(new Selected.PassedOver(step, unlessUnanswered(wrong)));
                damaged = true;
            }
        }
        throw none(job, selector, passedOver, damaged);
    }

    private Optional<String> unfit(Manifest.Committed manifest, Selector selector) {
        if (selector.kind() != Selector.Kind.LATEST_VERIFIED) {
            return Optional.empty();
        }
        VerificationStatus status = log.status(manifest.attempt());
        return status == VerificationStatus.VERIFIED
                ? Optional.empty()
                : Optional.of("its status is " + status + ", not VERIFIED");
    }

    private static CheckpointException none(
            JobName job, Selector selector, List<Selected.PassedOver> passedOver, boolean damaged) {
        String reasons = passedOver.stream()
                .limit(REASONS_MAX)
                .map(Selected.PassedOver::toString)
                .collect(Collectors.joining("; "));
        String more = passedOver.size() > REASONS_MAX ? "; and " + (passedOver.size() - REASONS_MAX) + " more" : "";
        return new CheckpointException(
                damaged ? FailureKind.CORRUPT : FailureKind.NOT_FOUND,
                "job " + job + " has no checkpoint that is " + selector
                        + (passedOver.isEmpty() ? ": none was ever begun" : ": " + reasons + more));
    }

    /** The visible attempt of a step. NOT_FOUND, with the reason, if there is none. */
    private Manifest.Committed visible(CheckpointId checkpoint) {
        List<AttemptView> attempts = log.attempts(checkpoint);
        return visible(attempts)
                .flatMap(AttemptView::committed)
                .orElseThrow(() ->
                        CheckpointException.notFound(checkpoint + " is not a checkpoint: " + invisible(attempts)));
    }

    private static String invisible(List<AttemptView> attempts) {
        return attempts.isEmpty()
                ? "no attempt was ever begun"
                : attempts.get(attempts.size() - 1).reason();
    }

    private static Optional<AttemptView> visible(List<AttemptView> attempts) {
        return attempts.stream().filter(AttemptView::isVisible).findFirst();
    }

    private static String unlessUnanswered(CheckpointException wrong) {
        if (wrong.kind() == FailureKind.UNAVAILABLE || wrong.kind() == FailureKind.IN_DOUBT) {
            throw wrong;
        }
        return wrong.getMessage();
    }

    /**
     * All shards of a checkpoint by rank, from its part records.
     *
     * @param stillWanted called before each part record is read; what it throws ends the reading
     * @throws CheckpointException CORRUPT if a part record does not hold
     */
    public List<StoredShardAt> shards(Manifest.Committed manifest, Runnable stillWanted) {
        List<StoredShardAt> shards = new ArrayList<>();
        for (PartRef part : manifest.parts()) {
            stillWanted.run();
            for (StoredShard shard :
                    log.readHead(manifest.attempt(), part).header().shards()) {
                shards.add(new StoredShardAt(part, shard));
            }
        }
        shards.sort(Comparator.comparing(at -> at.shard().shard()));
        return shards;
    }

    /**
     * Verifies a checkpoint in this process. Everything that does not hold is a finding of the verdict; nothing is written.
     *
     * @param depth not NONE
     * @param ranks whose own and replicated shards are looked at; empty for all
     * @param progress told of raw bytes whose chunks were looked at
     * @return numbered 1; {@link ManifestLog#writeVerdict} with {@link Verdict#withNumber} keeps it
     */
    public Verdict verify(Manifest.Committed manifest, VerifyDepth depth, Optional<RankSet> ranks, Progress progress) {
        AttemptId attempt = manifest.attempt();
        Bounds.holds(
                depth.kind() != VerifyDepth.Kind.NONE, attempt + ": a verification looks at least at depth attest");
        CheckpointCheck check = new CheckpointCheck(log, reader, manifest, ranks);
        return check.verdict(depth, progress);
    }
}
