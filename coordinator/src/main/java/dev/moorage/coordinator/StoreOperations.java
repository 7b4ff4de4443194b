package dev.moorage.coordinator;

import static java.util.Objects.requireNonNull;

import dev.moorage.checkpoint.AttemptView;
import dev.moorage.checkpoint.JobState;
import dev.moorage.checkpoint.ManifestLog;
import dev.moorage.checkpoint.ManifestLog.IntentWrite;
import dev.moorage.checkpoint.PartHead;
import dev.moorage.checkpoint.Selected;
import dev.moorage.checkpoint.Selector;
import dev.moorage.checkpoint.StateLog;
import dev.moorage.checkpoint.TensorIndex;
import dev.moorage.coordinator.core.JobEvent;
import dev.moorage.coordinator.core.StoreOperation;
import dev.moorage.coordinator.core.StoreResult;
import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.VerificationStatus;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.StateEntry;
import dev.moorage.protocol.record.Verdict;
import dev.moorage.storage.StoreChallenge;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Carries out the store operations of one coordinator of one job. Every call blocks; calls may come from several threads,
 * except that of {@link StoreOperation.OfLog} there is one at a time, each after the one before it.
 */
public final class StoreOperations {
    private static final Logger LOG = LoggerFactory.getLogger(StoreOperations.class);
    private static final Logger AUDIT = LoggerFactory.getLogger("moorage.audit");

    private final CoordinatorStore store;
    private final JobName job;
    private final StateLog log;
    private final StoreChallenge challenges;
    private volatile JobState logged = JobState.EMPTY;

    /** For one life of the coordinator of {@code job}: remembers the last entry of the log that it knows. */
    public StoreOperations(CoordinatorStore store, JobName job) {
        this.store = requireNonNull(store);
        this.job = requireNonNull(job);
        this.log = new StateLog(store.objects(), job, store.wallClock());
        this.challenges = new StoreChallenge(store.objects());
    }

    /** Does it and says what came of it; a failure is an answer like any other. */
    public JobEvent.Stored perform(StoreOperation operation) {
        try {
            return new JobEvent.Stored(operation, result(operation));
        } catch (CheckpointException failure) {
            return new JobEvent.Stored(operation, new StoreResult.Failed(failure.kind(), failure.getMessage()));
        }
    }

    private StoreResult result(StoreOperation operation) {
        if (operation instanceof StoreOperation.OfLog of) {
            return ofLog(of);
        } else if (operation instanceof StoreOperation.OfRegistration of) {
            return ofRegistration(of);
        } else if (operation instanceof StoreOperation.OfSave of) {
            return ofSave(of);
        } else if (operation instanceof StoreOperation.OfVerification of) {
            return ofVerification(of);
        }
        return choose((StoreOperation.Choose) operation);
    }

    private StoreResult ofLog(StoreOperation.OfLog operation) {
        if (operation instanceof StoreOperation.Claim claim) {
            logged = log.claim(claim.owner(), store.deadline());
            return new StoreResult.Claimed(
                    logged.epoch().orElseThrow(),
                    List.copyOf(logged.runs().values()),
                    logged.restores().values().stream()
                            .sorted(Comparator.comparing(StateEntry.Restore::run)
                                    .thenComparing(StateEntry.Restore::ordinal))
                            .toList());
        } else if (operation instanceof StoreOperation.Append append) {
            Optional<JobState> after = log.append(logged, append.event(), store.deadline());
            after.ifPresent(state -> logged = state);
            return after.isPresent() ? new StoreResult.Appended() : new StoreResult.Fenced();
        }
        return new StoreResult.OpenSteps(store.manifests().openAttempts(job));
    }

    private StoreResult ofRegistration(StoreOperation.OfRegistration operation) {
        if (operation instanceof StoreOperation.CheckChallenge check) {
            boolean answered = challenges.isAnswered(check.challenge(), check.incarnation());
            try {
                challenges.remove(check.challenge(), check.incarnation());
            } catch (CheckpointException left) {
                LOG.info("job {}: a challenge object stays: {}", job, left.getMessage());
            }
            return new StoreResult.ChallengeChecked(answered);
        }
        return new StoreResult.ChallengeIssued(challenges.issue());
    }

    private StoreResult ofSave(StoreOperation.OfSave operation) {
        ManifestLog manifests = store.manifests();
        if (operation instanceof StoreOperation.Walk walk) {
            return walk(walk.checkpoint());
        } else if (operation instanceof StoreOperation.Open open) {
            return new StoreResult.Opened(manifests.open(open.intent(), store.deadline()) instanceof IntentWrite.Won);
        } else if (operation instanceof StoreOperation.ReadPart read) {
            return readPart(read);
        } else if (operation instanceof StoreOperation.TakeInventory take) {
            ManifestLog.Inventory inventory = manifests.inventory(take.attempt());
            return new StoreResult.InventoryTaken(inventory.parts(), inventory.shards());
        } else if (operation instanceof StoreOperation.IndexTensors index) {
            return new StoreResult.Indexed(new TensorIndex(store.objects()).write(index.manifest(), store.deadline()));
        }
        return new StoreResult.Closed(manifests.close(((StoreOperation.Close) operation).proposed(), store.deadline()));
    }

    private StoreResult walk(CheckpointId checkpoint) {
        List<AttemptView> views = store.manifests().attempts(checkpoint);
        Optional<AttemptId> visible = views.stream()
                .filter(AttemptView::isVisible)
                .map(AttemptView::id)
                .findFirst();
        return new StoreResult.Walked(
                views.stream()
                        .map(view ->
                                new StoreResult.AttemptSeen(view.id(), view.intent(), view.outcome(), view.deleted()))
                        .toList(),
                visible.map(store.manifests()::status).orElse(VerificationStatus.NONE),
                visible.map(store.manifests()::verdicts).orElse(List.of()));
    }

    private StoreResult readPart(StoreOperation.ReadPart read) {
        try {
            PartHead head = store.manifests().readHead(read.attempt(), read.part());
            return new StoreResult.PartRead(Optional.of(new StoreResult.PartSeen(head.header(), head.ref())));
        } catch (CheckpointException failure) {
            if (failure.kind() == FailureKind.NOT_FOUND) {
                return new StoreResult.PartRead(Optional.empty());
            }
            throw failure;
        }
    }

    private StoreResult ofVerification(StoreOperation.OfVerification operation) {
        if (operation instanceof StoreOperation.FindVisible find) {
            return walk(find.checkpoint());
        } else if (operation instanceof StoreOperation.ReadHeads read) {
            return new StoreResult.HeadsRead(heads(read.attempt(), read.parts()));
        }
        return writeVerdict((StoreOperation.WriteVerdict) operation);
    }

    /** Records that do not hold are part of the answer; a store that does not answer is a failure. */
    private List<StoreResult.HeadSeen> heads(AttemptId attempt, List<PartRef> parts) {
        return parts.stream().map(ref -> head(attempt, ref)).toList();
    }

    private StoreResult.HeadSeen head(AttemptId attempt, PartRef ref) {
        try {
            return new StoreResult.HeadSeen(
                    ref, Optional.of(store.manifests().readHead(attempt, ref).header()), Optional.empty(), "");
        } catch (CheckpointException failure) {
            if (failure.kind() == FailureKind.UNAVAILABLE) {
                throw failure;
            }
            return new StoreResult.HeadSeen(ref, Optional.empty(), Optional.of(failure.kind()), failure.getMessage());
        }
    }

    private StoreResult writeVerdict(StoreOperation.WriteVerdict write) {
        StoreOperation.VerdictDraft draft = write.draft();
        Verdict verdict = store.manifests()
                .writeVerdict(
                        number -> new Verdict(
                                write.attempt(),
                                number,
                                draft.depth(),
                                draft.result(),
                                draft.allShards(),
                                draft.independentReader(),
                                draft.proven(),
                                draft.shards(),
                                draft.bytesRead(),
                                draft.findings(),
                                draft.nonce(),
                                draft.createdAtMillis()),
                        write.attempt(),
                        store.deadline());
        AUDIT.info(
                "verified=checkpoint key={} request={} depth={} shards={} bytes={} verdict={} independent={} result={}",
                write.attempt(),
                write.requestId(),
                draft.depth(),
                draft.shards(),
                draft.bytesRead(),
                verdict.number(),
                draft.independentReader(),
                draft.result());
        return new StoreResult.VerdictWritten(verdict, store.manifests().status(write.attempt()));
    }

    private StoreResult choose(StoreOperation.Choose choose) {
        Selected selected = store.catalog().select(job, Selector.parse(choose.selector()), choose.refused());
        return new StoreResult.Chosen(
                selected.manifest(),
                heads(selected.manifest().attempt(), selected.manifest().parts()),
                selected.passedOver().stream()
                        .limit(10)
                        .map(Selected.PassedOver::toString)
                        .collect(Collectors.joining("; ")));
    }
}
