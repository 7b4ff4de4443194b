package dev.moorage.worker.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToWorker;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LoadsTest {
    private final Bed bed = new Bed();
    private final AttachmentId rank = bed.attached(0);

    @Test
    void nothing_is_handed_out_before_the_decision() {
        long call = bed.loading(rank, "latest", 0, false);
        SegmentId segment = bed.prepared(5);
        assertThat(bed.reply(call)).isEmpty();
        assertThat(bed.all(ToCoordinator.LoadPrepared.class).get(0).failure()).isEmpty();

        bed.told(Bed.decided(Optional.of(5L), Optional.empty()));

        Reply.Loaded loaded = (Reply.Loaded) bed.reply(call).orElseThrow();
        assertThat(loaded.source()).isEqualTo(Bed.attempt(5, 1));
        assertThat(loaded.shards()).extracting(Reply.LoadedShard::segment).containsExactly(segment);
        assertThat(loaded.metadata()).containsEntry("epoch", "3");
        assertThat(loaded.passedOver()).isEqualTo("why");
    }

    @Test
    void a_decision_for_another_step_than_the_prepared_one_hands_out_nothing() {
        long call = bed.loading(rank, "latest", 0, false);
        bed.prepared(5);
        bed.told(Bed.decided(Optional.of(4L), Optional.empty()));

        assertThat(bed.reply(call)).isEmpty();
    }

    @Test
    void a_decision_before_anything_is_prepared_hands_out_nothing() {
        long call = bed.loading(rank, "latest", 0, false);
        bed.told(Bed.decided(Optional.of(5L), Optional.empty()));
        assertThat(bed.all(ToCoordinator.LoadPrepared.class)).isEmpty();
        assertThat(bed.reply(call)).isEmpty();

        bed.prepared(5);
        bed.told(Bed.decided(Optional.of(5L), Optional.empty()));
        assertThat(bed.reply(call)).isPresent();
    }

    @Test
    void it_is_asked_and_said_again_until_it_is_decided() {
        bed.loading(rank, "latest", 0, false);
        bed.prepared(5);
        bed.after(5_000);
        assertThat(bed.all(ToCoordinator.LoadAsked.class)).hasSize(2);
        assertThat(bed.all(ToCoordinator.LoadPrepared.class)).hasSize(2);

        bed.told(Bed.prepare(5));
        assertThat(bed.all(ToCoordinator.LoadPrepared.class)).hasSize(3);
        assertThat(bed.all(WorkerEffect.StartLoad.class)).hasSize(1);
        bed.told(Bed.decided(Optional.of(5L), Optional.empty()));
        bed.forget();
        bed.after(5_000);
        assertThat(bed.all(ToCoordinator.LoadAsked.class)).isEmpty();
    }

    @Test
    void another_candidate_drops_what_was_prepared() {
        long call = bed.loading(rank, "latest", 0, false);
        SegmentId first = bed.prepared(5);
        SegmentId second = bed.prepared(4);
        assertThat(bed.all(WorkerEffect.Discard.class)).containsExactly(new WorkerEffect.Discard(first));

        bed.told(Bed.decided(Optional.of(4L), Optional.empty()));
        Reply.Loaded loaded = (Reply.Loaded) bed.reply(call).orElseThrow();
        assertThat(loaded.shards()).extracting(Reply.LoadedShard::segment).containsExactly(second);
    }

    @Test
    void what_comes_late_of_a_dropped_preparation_is_not_taken_for_the_new_one() {
        bed.loading(rank, "latest", 0, false);
        bed.told(Bed.prepare(5));
        long first = bed.lastLoad();
        bed.told(Bed.prepare(4));
        assertThat(bed.all(WorkerEffect.CancelLoad.class)).containsExactly(new WorkerEffect.CancelLoad(first));
        bed.sized(first, Bed.attempt(5, 1), Bed.BYTES);
        bed.happens(new WorkerEvent.LoadReady(first));

        assertThat(bed.all(ToCoordinator.LoadPrepared.class)).isEmpty();
    }

    @Test
    void a_failure_to_prepare_is_said_with_its_kind_and_the_decision_fails_the_call() {
        long call = bed.loading(rank, "5", 0, false);
        bed.told(Bed.prepare(5));
        bed.happens(new WorkerEvent.LoadFailed(bed.lastLoad(), FailureKind.CORRUPT, "rank 0 chunk 3"));
        ToCoordinator.LoadPrepared said =
                bed.all(ToCoordinator.LoadPrepared.class).get(0);
        assertThat(said.failure()).contains(FailureKind.CORRUPT);

        bed.told(Bed.decided(Optional.empty(), Optional.of(FailureKind.CORRUPT)));
        assertThat(bed.refusal(call)).isEqualTo("CORRUPT: why");
    }

    @Test
    void an_order_for_a_rank_that_does_not_wait_is_answered_so() {
        bed.told(Bed.prepare(5));
        assertThat(bed.all(ToCoordinator.LoadPrepared.class).get(0).failure()).contains(FailureKind.UNAVAILABLE);
    }

    @Test
    void a_load_that_does_not_fit_says_so() {
        bed.loading(rank, "latest", 0, false);
        bed.told(Bed.prepare(5));
        bed.sized(bed.lastLoad(), Bed.attempt(5, 1), 2_000);

        assertThat(bed.all(ToCoordinator.LoadPrepared.class).get(0).reason()).contains("no room for 2000 bytes");
    }

    @Test
    void a_load_waits_for_room_until_an_outcome_makes_it() {
        SegmentId staged = bed.staged(rank, 1);
        bed.told(Bed.assign(1, 1, 1, 0));
        bed.loading(rank, "latest", 0, false);
        bed.told(Bed.prepare(5));
        bed.sized(bed.lastLoad(), Bed.attempt(5, 1), 950);
        bed.after(60_000);
        assertThat(bed.all(WorkerEffect.FillLoad.class)).isEmpty();
        assertThat(bed.all(ToCoordinator.LoadPrepared.class)).isEmpty();

        bed.told(Bed.outcome(1, 1, 1, true));
        assertThat(bed.all(WorkerEffect.Discard.class)).containsExactly(new WorkerEffect.Discard(staged));
        assertThat(bed.all(WorkerEffect.FillLoad.class)).hasSize(1);
    }

    @Test
    void a_load_that_waited_too_long_for_room_says_so() {
        bed.staged(rank, 1);
        bed.told(Bed.assign(1, 1, 1, 0));
        bed.loading(rank, "latest", 0, false);
        bed.told(Bed.prepare(5));
        bed.sized(bed.lastLoad(), Bed.attempt(5, 1), 950);
        bed.after(WorkerRules.Times.DEFAULT.leaseWait().toMillis());

        assertThat(bed.all(ToCoordinator.LoadPrepared.class).get(0).reason()).contains("no room for 950 bytes");
    }

    @Test
    void the_same_ordinal_joins_with_the_same_selector_only() {
        long first = bed.loading(rank, "latest", 0, false);
        long joined = bed.loading(rank, "latest", 0, false);
        assertThat(bed.refusal(bed.loading(rank, "4", 0, false))).startsWith("INVALID");
        bed.prepared(5);
        bed.told(Bed.decided(Optional.of(5L), Optional.empty()));

        assertThat(bed.reply(first)).isPresent();
        assertThat(bed.reply(joined)).isPresent();
    }

    @Test
    void a_local_load_needs_a_step_and_no_coordinator() {
        assertThat(bed.refusal(bed.loading(rank, "latest", 0, true))).startsWith("INVALID");
        long call = bed.loading(rank, "5", 0, true);
        long load = bed.all(WorkerEffect.StartLocalLoad.class).get(0).load();
        bed.sized(load, Bed.attempt(5, 2), Bed.BYTES);
        bed.happens(new WorkerEvent.LoadMoved(load, 40));
        bed.happens(new WorkerEvent.LoadReady(load));

        assertThat(((Reply.Loaded) bed.reply(call).orElseThrow()).source()).isEqualTo(Bed.attempt(5, 2));
        assertThat(bed.all(WorkerEffect.TellLoad.class)).containsExactly(new WorkerEffect.TellLoad(call, 40, 100));
        assertThat(bed.all(ToCoordinator.LoadAsked.class)).isEmpty();
    }

    @Test
    void a_rank_that_is_gone_leaves_no_load_behind() {
        bed.loading(rank, "latest", 0, false);
        SegmentId segment = bed.prepared(5);
        bed.happens(new WorkerEvent.AttachmentEnded(rank));

        assertThat(bed.all(WorkerEffect.Discard.class)).containsExactly(new WorkerEffect.Discard(segment));
        assertThat(bed.machine.stagedBytes()).isZero();
    }

    @Test
    void loaded_state_is_given_back_by_release_or_by_the_end_of_the_rank() {
        bed.loading(rank, "latest", 0, false);
        SegmentId segment = bed.prepared(5);
        bed.told(Bed.decided(Optional.of(5L), Optional.empty()));
        bed.releasing(rank, segment);
        assertThat(bed.refusal(bed.releasing(rank, segment))).startsWith("INVALID");
        assertThat(bed.all(WorkerEffect.Discard.class)).isEmpty();

        bed.happens(new WorkerEvent.AttachmentEnded(rank));
        assertThat(bed.all(WorkerEffect.Discard.class)).containsExactly(new WorkerEffect.Discard(segment));
    }

    @Test
    void a_load_that_nobody_decides_ends_in_time() {
        long call = bed.loading(rank, "latest", 0, false);
        bed.after(WorkerRules.Times.DEFAULT.loadWait().toMillis());
        assertThat(bed.refusal(call)).startsWith("UNAVAILABLE");
    }

    @Test
    void a_check_runs_once_and_its_result_is_said_as_often_as_it_is_asked() {
        ToWorker.CheckShards order = new ToWorker.CheckShards(
                Bed.attempt(5, 1), new Epoch(1), "r1", Bed.record(), List.of(ShardId.own(0)), VerifyDepth.FULL, 1);
        bed.told(order);
        bed.told(order);
        assertThat(bed.all(WorkerEffect.StartCheck.class)).hasSize(1);
        WorkerEvent.CheckKey key = WorkerEvent.CheckKey.of(order);
        bed.happens(
                new WorkerEvent.Checked(key, new WorkerEvent.CheckResult(VerdictResult.GOOD, 1, 10, "all", List.of())));
        bed.told(new ToWorker.CheckShards(
                order.attempt(), new Epoch(2), "r1", order.part(), order.shards(), order.depth(), 1));

        assertThat(bed.all(WorkerEffect.StartCheck.class)).hasSize(1);
        assertThat(bed.all(ToCoordinator.ShardsChecked.class))
                .extracting(said -> said.epoch().value())
                .containsExactly(1L, 2L);
    }

    @Test
    void an_answer_at_one_depth_is_no_answer_at_another_under_the_same_request() {
        ToWorker.CheckShards sizes = new ToWorker.CheckShards(
                Bed.attempt(5, 1), new Epoch(1), "r1", Bed.record(), List.of(ShardId.own(0)), VerifyDepth.ATTEST, 1);
        bed.told(sizes);
        bed.happens(new WorkerEvent.Checked(
                WorkerEvent.CheckKey.of(sizes),
                new WorkerEvent.CheckResult(VerdictResult.GOOD, 1, 0, "size only", List.of())));
        bed.forget();
        bed.told(new ToWorker.CheckShards(
                sizes.attempt(), new Epoch(2), "r1", sizes.part(), sizes.shards(), VerifyDepth.FULL, 1));

        assertThat(bed.all(WorkerEffect.StartCheck.class)).hasSize(1);
        assertThat(bed.all(ToCoordinator.ShardsChecked.class)).isEmpty();
    }
}
