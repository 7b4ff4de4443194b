package dev.moorage.worker.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.protocol.CheckpointState;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PlannedShard;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SavesTest {
    private static final long LOOK_UP = WorkerRules.Times.DEFAULT.ownLookUp().toMillis();

    private final Bed bed = new Bed();

    @Test
    void a_staged_shard_is_summed_recorded_acknowledged_and_said() {
        AttachmentId rank = bed.attached(0);
        SegmentId segment = bed.leased(rank, Bed.BYTES);
        long stage = bed.staging(rank, segment, 7, ShardKind.OWN);

        assertThat(bed.reply(stage)).contains(new Reply.Staged(Bed.SUM));
        ToCoordinator.RankStaged said = bed.all(ToCoordinator.RankStaged.class).get(0);
        assertThat(said.run()).isEqualTo(new RunNumber(1));
        assertThat(said.codec()).contains(Codec.NONE);
        assertThat(said.metadata()).containsEntry("lr", "1");
        assertThat(said.shards())
                .containsExactly(new ToCoordinator.StagedShard(
                        ShardKind.OWN, Optional.empty(), ShardFormat.OPAQUE, Bed.BYTES, Bed.SUM));
    }

    @Test
    void only_rank_0_brings_metadata() {
        bed.staged(bed.attached(1), 7);
        assertThat(bed.all(ToCoordinator.RankStaged.class).get(0).metadata()).isEmpty();
    }

    @Test
    void a_rank_of_a_replica_group_is_said_when_both_of_its_shards_are_staged() {
        AttachmentId rank = bed.attached(0, "t1", 1, Optional.of("g"));
        bed.staged(rank, 7);
        assertThat(bed.stepsSaid()).isEmpty();

        SegmentId replica = bed.leased(bed.leasing(rank, ShardKind.REPLICATED, Bed.BYTES));
        bed.staging(rank, replica, 7, ShardKind.REPLICATED);

        assertThat(bed.all(ToCoordinator.RankStaged.class).get(0).shards())
                .extracting(ToCoordinator.StagedShard::group)
                .containsExactly(Optional.empty(), Optional.of("g"));
    }

    @Test
    void what_does_not_fit_the_lease_is_refused_and_the_segment_stays_the_ranks() {
        AttachmentId rank = bed.attached(0);
        SegmentId small = bed.leased(rank, 10);

        assertThat(bed.refusal(bed.staging(rank, small, 7, ShardKind.OWN)))
                .startsWith("INVALID")
                .contains("100 bytes");
        assertThat(bed.refusal(bed.staging(rank, small, 7, ShardKind.REPLICATED)))
                .startsWith("INVALID");
        assertThat(bed.refusal(bed.staging(bed.attached(1), small, 7, ShardKind.OWN)))
                .contains("not one that it leased");
        bed.releasing(rank, small);
        assertThat(bed.leased(rank, 10)).isEqualTo(small);
    }

    @Test
    void a_shard_that_cannot_be_sealed_is_filled_again() {
        AttachmentId rank = bed.attached(0);
        SegmentId segment = bed.leased(rank, Bed.BYTES);
        bed.filesWork = false;
        long stage = bed.staging(rank, segment, 7, ShardKind.OWN);
        bed.happens(new WorkerEvent.SealFailed(segment, FailureKind.INVALID, "no header"));
        assertThat(bed.refusal(stage)).isEqualTo("INVALID: no header");

        bed.filesWork = true;
        bed.staging(rank, segment, 7, ShardKind.OWN);
        assertThat(bed.stepsSaid()).containsExactly(7L);
    }

    @Test
    void a_shard_whose_rank_dies_while_it_is_sealed_is_staged_all_the_same() {
        AttachmentId rank = bed.attached(0);
        SegmentId segment = bed.leased(rank, Bed.BYTES);
        bed.filesWork = false;
        bed.staging(rank, segment, 7, ShardKind.OWN);
        bed.happens(new WorkerEvent.AttachmentEnded(rank));
        bed.happens(new WorkerEvent.Sealed(segment, Bed.SUM));

        assertThat(bed.stepsSaid()).containsExactly(7L);
        assertThat(bed.all(WorkerEffect.Discard.class)).isEmpty();
    }

    @Test
    void a_step_staged_again_takes_the_place_of_what_was_staged_before() {
        AttachmentId rank = bed.attached(0);
        SegmentId first = bed.staged(rank, 7);
        bed.staged(rank, 7);

        assertThat(bed.all(WorkerEffect.ClearRecord.class)).containsExactly(new WorkerEffect.ClearRecord(first));
    }

    @Test
    void a_step_that_is_being_saved_is_not_staged_again() {
        AttachmentId rank = bed.attached(0);
        bed.staged(rank, 7);
        bed.told(Bed.assign(7, 1, 1, 0));
        SegmentId second = bed.leased(rank, Bed.BYTES);

        assertThat(bed.refusal(bed.staging(rank, second, 7, ShardKind.OWN))).contains("being saved already");
    }

    @Test
    void staging_is_said_again_until_the_coordinator_shows_that_it_knows() {
        AttachmentId rank = bed.attached(0);
        bed.staged(rank, 7);
        bed.after(5_000);
        assertThat(bed.stepsSaid()).containsExactly(7L, 7L);

        bed.told(Bed.assign(7, 1, 1, 0));
        bed.forget();
        bed.after(5_000);

        assertThat(bed.stepsSaid()).isEmpty();
    }

    @Test
    void a_part_is_uploaded_once_however_often_it_is_assigned_and_done_is_said_again() {
        bed.staged(bed.attached(0), 7);
        bed.told(Bed.assign(7, 1, 1, 0));
        bed.told(Bed.assign(7, 1, 2, 0));
        assertThat(bed.all(WorkerEffect.StartUpload.class)).hasSize(1);

        bed.happens(new WorkerEvent.Uploaded(Bed.attempt(7, 1), Bed.record().part(), Bed.record()));
        bed.told(Bed.assign(7, 1, 3, 0));
        bed.after(5_000);

        assertThat(bed.all(WorkerEffect.StartUpload.class)).hasSize(1);
        assertThat(bed.all(ToCoordinator.PartDone.class))
                .extracting(done -> done.epoch().value())
                .containsExactly(2L, 3L, 3L);
    }

    @Test
    void done_is_not_said_any_more_once_the_outcome_is_told() {
        bed.staged(bed.attached(0), 7);
        bed.told(Bed.assign(7, 1, 1, 0));
        bed.happens(new WorkerEvent.Uploaded(Bed.attempt(7, 1), Bed.record().part(), Bed.record()));
        bed.told(Bed.outcome(7, 1, 1, true));
        bed.forget();
        bed.after(5_000);

        assertThat(bed.all(ToCoordinator.PartDone.class)).isEmpty();
    }

    @Test
    void a_shard_that_is_not_held_as_promised_fails_the_part_for_good() {
        bed.staged(bed.attached(0), 7);
        bed.told(Bed.assign(7, 1, 1, 0, 1));

        assertThat(bed.all(WorkerEffect.StartUpload.class)).isEmpty();
        ToCoordinator.PartFailed failed =
                bed.all(ToCoordinator.PartFailed.class).get(0);
        assertThat(failed.retryable()).isFalse();
        assertThat(failed.reason()).contains("rank 1").contains(Bed.SUM.toString());
    }

    @Test
    void shards_of_another_run_are_never_taken() {
        bed.staged(bed.attached(0, "t2", 2, Optional.empty()), 7);
        bed.told(Bed.assign(7, 1, 1, 0));

        assertThat(bed.all(ToCoordinator.PartFailed.class)).hasSize(1);
    }

    @Test
    void any_holder_of_a_replicated_shard_takes_the_part_over() {
        AttachmentId rank = bed.attached(3, "t1", 1, Optional.of("g"));
        SegmentId replica = bed.leased(bed.leasing(rank, ShardKind.REPLICATED, Bed.BYTES));
        bed.staging(rank, replica, 7, ShardKind.REPLICATED);
        PlannedShard shard = new PlannedShard(
                new ShardId(new Rank(0), ShardKind.REPLICATED), ShardFormat.OPAQUE, Bed.BYTES, Bed.SUM);
        ToWorker.AssignPart own = Bed.assign(7, 1, 1, 0);
        bed.told(new ToWorker.AssignPart(
                own.attempt(), own.run(), own.epoch(), own.part(), own.codec(), List.of(shard)));

        assertThat(bed.all(WorkerEffect.StartUpload.class).get(0).shards())
                .containsExactly(new WorkerEffect.HeldShard(shard, replica));
    }

    @Test
    void a_part_that_failed_is_tried_again_when_it_is_assigned_again() {
        bed.staged(bed.attached(0), 7);
        bed.told(Bed.assign(7, 1, 1, 0));
        bed.happens(new WorkerEvent.UploadFailed(Bed.attempt(7, 1), Bed.record().part(), true, "store away", Set.of()));
        bed.told(Bed.assign(7, 1, 1, 0));

        assertThat(bed.all(ToCoordinator.PartFailed.class)).hasSize(1);
        assertThat(bed.all(WorkerEffect.StartUpload.class)).hasSize(2);
    }

    @Test
    void a_segment_written_to_after_staging_is_given_up_and_the_ranks_step_with_it() {
        SegmentId segment = bed.staged(bed.attached(0), 7);
        bed.told(Bed.assign(7, 1, 1, 0));
        bed.happens(new WorkerEvent.UploadFailed(
                Bed.attempt(7, 1), Bed.record().part(), false, "written after staging", Set.of(segment)));

        assertThat(bed.all(ToCoordinator.PartFailed.class).get(0).retryable()).isFalse();
        assertThat(bed.all(ToCoordinator.StagingSkipped.class).get(0).reason()).contains("written after staging");
        assertThat(bed.all(WorkerEffect.Discard.class)).containsExactly(new WorkerEffect.Discard(segment));
    }

    @Test
    void an_abort_stops_the_upload_and_keeps_the_step_staged_for_the_next_attempt() {
        bed.staged(bed.attached(0), 7);
        bed.told(Bed.assign(7, 1, 1, 0));
        bed.told(Bed.outcome(7, 1, 1, false));
        assertThat(bed.all(WorkerEffect.CancelUpload.class)).hasSize(1);

        bed.told(Bed.assign(7, 1, 1, 0));
        assertThat(bed.all(WorkerEffect.StartUpload.class)).hasSize(1);
        bed.told(Bed.assign(7, 2, 1, 0));
        assertThat(bed.all(WorkerEffect.StartUpload.class)).hasSize(2);
    }

    @Test
    void a_higher_attempt_closes_the_lower_one_and_late_words_on_that_change_nothing() {
        AttachmentId rank = bed.attached(0);
        bed.staged(rank, 7);
        bed.told(Bed.assign(7, 1, 1, 0));
        bed.told(Bed.assign(7, 2, 1, 0));
        assertThat(bed.all(WorkerEffect.CancelUpload.class))
                .containsExactly(new WorkerEffect.CancelUpload(
                        Bed.attempt(7, 1), Bed.record().part()));
        bed.forget();

        bed.told(Bed.outcome(7, 1, 1, false));
        bed.told(Bed.outcome(7, 1, 1, true));
        bed.happens(new WorkerEvent.Uploaded(Bed.attempt(7, 1), Bed.record().part(), Bed.record()));

        assertThat(bed.effects).isEmpty();
        assertThat(bed.status(rank, 7)).contains(new StepStatus(CheckpointState.UPLOADING, 2, ""));
    }

    @Test
    void without_orders_it_reads_the_outcome_itself() {
        SegmentId segment = bed.staged(bed.attached(0), 7);
        bed.told(Bed.assign(7, 1, 1, 0));
        bed.after(LOOK_UP - 1);
        assertThat(bed.all(WorkerEffect.ReadOutcome.class)).isEmpty();
        bed.after(1);
        assertThat(bed.all(WorkerEffect.ReadOutcome.class))
                .containsExactly(new WorkerEffect.ReadOutcome(Bed.attempt(7, 1)));

        bed.happens(new WorkerEvent.OutcomeRead(Bed.attempt(7, 1), Optional.empty()));
        bed.after(LOOK_UP);
        assertThat(bed.all(WorkerEffect.ReadOutcome.class)).hasSize(2);
        Manifest aborted = new Manifest.Aborted(Bed.attempt(7, 1), "host lost", new Epoch(2), Nonce.random(), 0);
        bed.forget();
        bed.happens(new WorkerEvent.OutcomeRead(Bed.attempt(7, 1), Optional.of(aborted)));
        bed.after(5_000);

        assertThat(bed.all(WorkerEffect.CancelUpload.class)).hasSize(1);
        assertThat(bed.all(WorkerEffect.Discard.class)).isEmpty();
        assertThat(bed.stepsSaid()).as("a successor has to hear what is staged").containsExactly(7L);
        assertThat(segment).isNotNull();
    }

    @Test
    void orders_about_the_step_put_the_own_look_up_off() {
        bed.staged(bed.attached(0), 7);
        bed.told(Bed.assign(7, 1, 1, 0));
        bed.after(LOOK_UP - 1);
        bed.told(Bed.assign(7, 1, 1, 0));
        bed.after(LOOK_UP - 1);

        assertThat(bed.all(WorkerEffect.ReadOutcome.class)).isEmpty();
    }

    @Test
    void a_step_committed_by_an_earlier_run_frees_what_the_newer_one_has_staged() {
        AttachmentId rank = bed.attached(0, "t2", 2, Optional.empty());
        SegmentId segment = bed.staged(rank, 7);
        bed.told(Bed.outcome(7, 1, 1, true));

        assertThat(bed.all(WorkerEffect.ClearRecord.class)).containsExactly(new WorkerEffect.ClearRecord(segment));
        assertThat(bed.status(rank, 7)).contains(new StepStatus(CheckpointState.COMMITTED, 1, ""));
    }

    @Test
    void the_status_goes_from_staging_to_the_outcome() {
        AttachmentId rank = bed.attached(0);
        assertThat(bed.status(rank, 7)).isEmpty();
        bed.staged(rank, 7);
        assertThat(bed.status(rank, 7)).contains(new StepStatus(CheckpointState.STAGING, 0, ""));
        bed.told(Bed.assign(7, 1, 1, 0));
        assertThat(bed.status(rank, 7)).contains(new StepStatus(CheckpointState.UPLOADING, 1, ""));
        bed.happens(new WorkerEvent.Uploaded(Bed.attempt(7, 1), Bed.record().part(), Bed.record()));
        assertThat(bed.status(rank, 7)).contains(new StepStatus(CheckpointState.SEALING, 1, ""));
        bed.told(Bed.outcome(7, 1, 1, false));
        assertThat(bed.status(rank, 7)).contains(new StepStatus(CheckpointState.ABORTED, 1, "because of a test"));
    }

    @Test
    void references_cost_no_budget_and_go_the_same_way() {
        AttachmentId rank = bed.attached(0);
        StageTerms terms = new StageTerms(1L << 40, new Step(7), ShardKind.OWN, ShardFormat.OPAQUE, Map.of());
        bed.happens(new WorkerEvent.ReferenceCalled(900, rank, terms));

        assertThat(bed.reply(900)).contains(new Reply.Staged(Bed.SUM));
        assertThat(bed.machine.stagedBytes()).isZero();
        bed.told(Bed.outcome(7, 1, 1, true));
        assertThat(bed.all(WorkerEffect.Discard.class)).hasSize(1);
    }

    @Test
    void a_rank_hears_that_there_will_be_no_attempt_until_it_stages_again() {
        AttachmentId rank = bed.attached(0);
        bed.staged(rank, 7);
        bed.told(new ToWorker.StagingEnded(
                Bed.JOB, new RunNumber(9), new Step(7), new Epoch(1), "of a run that staged nothing here"));
        assertThat(bed.status(rank, 7)).contains(new StepStatus(CheckpointState.STAGING, 0, ""));

        bed.told(new ToWorker.StagingEnded(Bed.JOB, new RunNumber(1), new Step(7), new Epoch(1), "rank 3 is missing"));
        assertThat(bed.status(rank, 7)).contains(new StepStatus(CheckpointState.ABORTED, 0, "rank 3 is missing"));
        bed.forget();
        bed.after(5_000);
        assertThat(bed.stepsSaid()).as("it is answered").isEmpty();

        bed.staged(rank, 7);
        assertThat(bed.status(rank, 7)).contains(new StepStatus(CheckpointState.STAGING, 0, ""));
    }
}
