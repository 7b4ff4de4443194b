package dev.moorage.worker.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.cluster.ToCoordinator;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class LeasesTest {
    private final Bed bed = new Bed();

    @Test
    void a_committed_step_frees_its_segment_for_the_same_rank_and_not_before_its_sidecar_is_gone() {
        AttachmentId rank = bed.attached(0);
        SegmentId first = bed.staged(rank, 1);
        bed.told(Bed.assign(1, 1, 1, 0));
        bed.told(Bed.outcome(1, 1, 1, true));

        assertThat(bed.all(WorkerEffect.ClearRecord.class)).containsExactly(new WorkerEffect.ClearRecord(first));
        assertThat(bed.leased(rank, Bed.BYTES)).isEqualTo(first);
    }

    @Test
    void a_rank_has_two_buffers_of_a_kind_and_the_third_lease_reclaims_the_oldest_staged_step() {
        AttachmentId rank = bed.attached(0);
        SegmentId first = bed.staged(rank, 1);
        SegmentId second = bed.staged(rank, 2);
        SegmentId third = bed.leased(rank, Bed.BYTES);

        assertThat(second).isNotEqualTo(first);
        assertThat(third).isEqualTo(first);
        assertThat(bed.all(ToCoordinator.StagingSkipped.class))
                .extracting(skipped -> skipped.step().value())
                .containsExactly(1L);
    }

    @Test
    void oldest_counts_from_when_it_was_staged_and_not_from_when_its_segment_was_made() {
        AttachmentId rank = bed.attached(0);
        SegmentId first = bed.leased(rank, Bed.BYTES);
        SegmentId second = bed.leased(rank, Bed.BYTES);
        bed.staging(rank, second, 1, ShardKind.OWN);
        bed.staging(rank, first, 2, ShardKind.OWN);

        assertThat(bed.leased(rank, Bed.BYTES)).isEqualTo(second);
    }

    @Test
    void what_an_attempt_reads_is_never_reclaimed_so_the_lease_waits_for_the_outcome() {
        AttachmentId rank = bed.attached(0);
        SegmentId first = bed.staged(rank, 1);
        bed.staged(rank, 2);
        bed.told(Bed.assign(1, 1, 1, 0));
        bed.told(Bed.assign(2, 1, 1, 0));
        long lease = bed.leasing(rank, Bed.BYTES);
        assertThat(bed.reply(lease)).isEmpty();

        bed.told(Bed.outcome(1, 1, 1, true));

        assertThat(bed.leased(lease)).isEqualTo(first);
    }

    @Test
    void a_lease_that_waited_too_long_is_told_so() {
        AttachmentId rank = bed.attached(0);
        bed.staged(rank, 1);
        bed.staged(rank, 2);
        bed.told(Bed.assign(1, 1, 1, 0));
        bed.told(Bed.assign(2, 1, 1, 0));
        long lease = bed.leasing(rank, Bed.BYTES);
        bed.after(WorkerRules.Times.DEFAULT.leaseWait().toMillis());

        assertThat(bed.refusal(lease)).startsWith("UNAVAILABLE").contains("rank 0");
    }

    @Test
    void a_buffer_that_is_too_small_is_replaced_by_a_larger_one() {
        AttachmentId rank = bed.attached(0);
        SegmentId small = bed.leased(rank, 10);
        bed.releasing(rank, small);
        SegmentId large = bed.leased(rank, 200);

        assertThat(large).isNotEqualTo(small);
        assertThat(bed.all(WorkerEffect.Discard.class)).containsExactly(new WorkerEffect.Discard(small));
        assertThat(bed.machine.stagedBytes()).isEqualTo(200);
    }

    @Test
    void what_a_rank_was_filling_is_revoked_when_it_is_gone_and_never_given_to_another_process() {
        AttachmentId rank = bed.attached(0);
        SegmentId filling = bed.leased(rank, Bed.BYTES);
        SegmentId staged = bed.staged(rank, 1);
        bed.happens(new WorkerEvent.AttachmentEnded(rank));
        AttachmentId again = bed.attached(0);

        assertThat(bed.all(WorkerEffect.Discard.class)).containsExactly(new WorkerEffect.Discard(filling));
        assertThat(bed.leased(again, Bed.BYTES)).isNotIn(filling, staged);
    }

    @Test
    void a_segment_staged_by_a_process_that_is_gone_is_removed_by_the_commit() {
        AttachmentId rank = bed.attached(0);
        SegmentId staged = bed.staged(rank, 1);
        bed.told(Bed.assign(1, 1, 1, 0));
        bed.happens(new WorkerEvent.AttachmentEnded(rank));
        bed.told(Bed.outcome(1, 1, 1, true));

        assertThat(bed.all(WorkerEffect.Discard.class)).containsExactly(new WorkerEffect.Discard(staged));
        assertThat(bed.machine.stagedBytes()).isZero();
    }

    @Test
    void the_same_rank_attached_again_takes_the_place_of_its_older_attachment() {
        AttachmentId rank = bed.attached(0);
        SegmentId filling = bed.leased(rank, Bed.BYTES);
        bed.attached(0);

        assertThat(bed.all(WorkerEffect.Discard.class)).containsExactly(new WorkerEffect.Discard(filling));
        assertThat(bed.refusal(bed.leasing(rank, 1))).startsWith("INVALID").contains("attach");
    }

    @Test
    void a_file_that_comes_after_its_rank_is_gone_is_removed() {
        AttachmentId rank = bed.attached(0);
        bed.filesWork = false;
        long lease = bed.leasing(rank, Bed.BYTES);
        bed.happens(new WorkerEvent.AttachmentEnded(rank));
        SegmentId segment = bed.all(WorkerEffect.Allocate.class).get(0).segment();
        bed.happens(new WorkerEvent.Allocated(segment));

        assertThat(bed.refusal(lease)).startsWith("INVALID");
        assertThat(bed.all(WorkerEffect.Discard.class)).containsExactly(new WorkerEffect.Discard(segment));
    }

    @Test
    void a_full_file_system_fails_the_lease_and_leaves_nothing() {
        AttachmentId rank = bed.attached(0);
        bed.filesWork = false;
        long lease = bed.leasing(rank, Bed.BYTES);
        SegmentId segment = bed.all(WorkerEffect.Allocate.class).get(0).segment();
        bed.happens(new WorkerEvent.AllocationFailed(segment, FailureKind.UNAVAILABLE, "No space left"));
        bed.happens(new WorkerEvent.Discarded(segment));

        assertThat(bed.refusal(lease)).isEqualTo("UNAVAILABLE: No space left");
        assertThat(bed.machine.stagedBytes()).isZero();
    }

    @Test
    void a_rank_that_fills_two_segments_gets_no_third() {
        AttachmentId rank = bed.attached(0);
        bed.leased(rank, Bed.BYTES);
        bed.leased(rank, Bed.BYTES);

        assertThat(bed.refusal(bed.leasing(rank, Bed.BYTES)))
                .startsWith("INVALID")
                .contains("two segments");
    }

    @Test
    void a_lease_beyond_the_budget_waits_and_is_served_when_there_is_room() {
        AttachmentId first = bed.attached(0);
        AttachmentId second = bed.attached(1);
        SegmentId large = bed.leased(first, 950);
        long lease = bed.leasing(second, Bed.BYTES);
        assertThat(bed.reply(lease)).isEmpty();

        bed.happens(new WorkerEvent.AttachmentEnded(first));

        assertThat(bed.leased(lease)).isNotEqualTo(large);
    }

    @Test
    void a_lease_larger_than_the_whole_budget_fails_at_once() {
        AttachmentId rank = bed.attached(0);
        assertThat(bed.refusal(bed.leasing(rank, 1_001)))
                .startsWith("UNAVAILABLE")
                .contains("staging-bytes-max");
        assertThat(bed.refusal(bed.leasing(rank, 0))).startsWith("INVALID");
    }

    @Test
    void by_the_policy_fail_a_lease_without_room_fails() {
        Bed full = new Bed(150, WorkerRules.WhenFull.FAIL, Map.of());
        AttachmentId rank = full.attached(0);
        full.leased(rank, Bed.BYTES);

        assertThat(full.refusal(full.leasing(rank, Bed.BYTES))).startsWith("UNAVAILABLE");
        assertThat(full.all(ToCoordinator.StagingSkipped.class)).isEmpty();
    }

    @Test
    void by_the_policy_skip_the_other_ranks_are_told_as_well() {
        Bed full = new Bed(150, WorkerRules.WhenFull.SKIP, Map.of());
        AttachmentId rank = full.attached(0);
        full.leased(rank, Bed.BYTES);

        assertThat(full.refusal(full.leasing(rank, Bed.BYTES)))
                .startsWith("UNAVAILABLE")
                .contains("skipped");
        assertThat(full.all(ToCoordinator.StagingSkipped.class))
                .extracting(skipped -> skipped.step().value())
                .containsExactly(99L);
    }

    @Test
    void a_newer_run_reclaims_what_an_older_one_has_staged() {
        Bed full = new Bed(150, WorkerRules.WhenFull.FAIL, Map.of());
        AttachmentId old = full.attached(0);
        SegmentId staged = full.staged(old, 1);
        AttachmentId young = full.attached(1, "t2", 2, Optional.empty());

        assertThat(full.leased(young, Bed.BYTES)).isNotEqualTo(staged);
        assertThat(full.all(WorkerEffect.Discard.class)).containsExactly(new WorkerEffect.Discard(staged));
    }

    @Test
    void a_superseded_rank_is_told_so_and_loses_what_it_fills() {
        AttachmentId old = bed.attached(0);
        SegmentId filling = bed.leased(old, Bed.BYTES);
        bed.attached(0, "t2", 2, Optional.empty());

        assertThat(bed.all(WorkerEffect.Discard.class)).containsExactly(new WorkerEffect.Discard(filling));
        assertThat(bed.refusal(bed.leasing(old, 1)))
                .isEqualTo("INVALID: job llm rank 0: job llm: run 1 is superseded by run 2");
        assertThat(bed.refusal(bed.staging(old, filling, 1, ShardKind.OWN))).contains("superseded by run 2");
        assertThat(bed.refusal(bed.attaching(3, "t1", Optional.empty()))).contains("superseded by run 2");
    }

    @Test
    void names_of_segments_are_never_used_twice() {
        AttachmentId rank = bed.attached(0);
        SegmentId first = bed.leased(rank, 10);
        bed.happens(new WorkerEvent.AttachmentEnded(rank));
        assertThat(bed.leased(bed.attached(0), 10)).isNotEqualTo(first);
    }
}
