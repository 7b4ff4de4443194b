package dev.moorage.worker.host;

import dev.moorage.checkpoint.ShardSource;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.storage.BlockingIo;
import dev.moorage.storage.StoreChallenge;
import dev.moorage.worker.core.SegmentId;
import dev.moorage.worker.core.StagedRecord;
import dev.moorage.worker.core.WorkerEffect;
import dev.moorage.worker.core.WorkerEvent;
import dev.moorage.worker.staging.Staging;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Blocking work on segments and small store calls, one call each; what comes of it is told as an event. */
final class Hands {
    private static final Logger LOG = LoggerFactory.getLogger(Hands.class);

    private final Bench bench;
    private final BlockingIo io;
    private final Consumer<WorkerEvent> tell;

    Hands(Bench bench, BlockingIo io, Consumer<WorkerEvent> tell) {
        this.bench = bench;
        this.io = io;
        this.tell = tell;
    }

    private void run(Supplier<WorkerEvent> work, Function<CheckpointException, WorkerEvent> failed) {
        io.call(() -> {
            try {
                tell.accept(work.get());
            } catch (CheckpointException failure) {
                tell.accept(failed.apply(failure));
            } catch (Throwable bug) {
                LOG.error("worker {}: unexpected failure", bench.worker(), bug);
                tell.accept(failed.apply(new CheckpointException(FailureKind.UNAVAILABLE, bug.toString(), bug)));
            }
            return null;
        });
    }

    void allocate(WorkerEffect.Allocate effect) {
        SegmentId id = effect.segment();
        run(
                () -> {
                    bench.staging().allocate(id, effect.bytes());
                    return new WorkerEvent.Allocated(id);
                },
                failure -> new WorkerEvent.AllocationFailed(id, failure.kind(), failure.getMessage()));
    }

    void seal(WorkerEffect.Seal effect) {
        StagedRecord draft = effect.draft();
        run(
                () -> new WorkerEvent.Sealed(draft.segment(), bench.staging().seal(draft)),
                failure -> new WorkerEvent.SealFailed(draft.segment(), failure.kind(), failure.getMessage()));
    }

    void seal(WorkerEffect.SealReference effect, Optional<ShardSource> source) {
        StagedRecord draft = effect.draft();
        source.ifPresent(bytes -> bench.references().keep(draft.segment(), bytes));
        run(
                () -> new WorkerEvent.Sealed(
                        draft.segment(),
                        Staging.sum(
                                draft, bench.open(draft.segment(), draft.terms().bytes()))),
                failure -> new WorkerEvent.SealFailed(draft.segment(), failure.kind(), failure.getMessage()));
    }

    void clearRecord(WorkerEffect.ClearRecord effect) {
        run(
                () -> {
                    bench.staging().clearRecord(effect.segment());
                    return new WorkerEvent.RecordCleared(effect.segment());
                },
                failure -> given(effect.segment(), failure));
    }

    void discard(WorkerEffect.Discard effect) {
        run(
                () -> {
                    if (!bench.references().forget(effect.segment())) {
                        bench.staging().discard(effect.segment());
                    }
                    return new WorkerEvent.Discarded(effect.segment());
                },
                failure -> given(effect.segment(), failure));
    }

    /** A file that cannot be removed is left alone: its name is never used again, and the next start tries once more. */
    private WorkerEvent given(SegmentId id, CheckpointException failure) {
        LOG.warn("worker {}: segment {} is left behind: {}", bench.worker(), id, failure.getMessage());
        return new WorkerEvent.Discarded(id);
    }

    void tryChallenge(WorkerEffect.TryChallenge effect) {
        run(
                () -> {
                    new StoreChallenge(bench.store()).answer(effect.challenge(), bench.incarnation());
                    return new WorkerEvent.ChallengeTried(effect.job(), effect.challenge(), true);
                },
                failure -> {
                    LOG.warn("worker {}: {}", bench.worker(), failure.getMessage());
                    boolean reached = failure.kind() == FailureKind.INVALID;
                    return new WorkerEvent.ChallengeTried(effect.job(), effect.challenge(), reached);
                });
    }

    void readOutcome(WorkerEffect.ReadOutcome effect) {
        run(() -> new WorkerEvent.OutcomeRead(effect.attempt(), bench.log().outcome(effect.attempt())), failure -> {
            LOG.warn("worker {}: outcome not read: {}", bench.worker(), failure.getMessage());
            return new WorkerEvent.OutcomeRead(effect.attempt(), Optional.empty());
        });
    }
}
