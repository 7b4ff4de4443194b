package dev.moorage.worker.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.WorldSize;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToWorker;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RegistrationTest {
    @Test
    void a_job_of_which_nothing_is_here_is_forgotten_after_a_while_with_the_epoch_of_its_coordinator() {
        Bed bed = new Bed();
        AttachmentId rank = bed.attached(0);
        bed.told(Bed.registered(7));
        bed.after(3_600_000);
        bed.told(Bed.registered(6));
        assertThat(bed.machine.dropped()).isEqualTo(1);

        bed.happens(new WorkerEvent.AttachmentEnded(rank));
        bed.after(0);
        bed.after(599_999);
        bed.told(Bed.registered(6));
        assertThat(bed.machine.dropped()).isEqualTo(2);
        bed.after(1);
        bed.told(Bed.registered(6));
        assertThat(bed.machine.dropped()).isEqualTo(2);
    }

    private final Bed bed = new Bed();

    @Test
    void an_attach_registers_at_once_and_again_every_five_seconds() {
        bed.attaching(0, "t1", Optional.empty());
        assertThat(bed.all(WorkerEffect.Register.class)).hasSize(1);
        bed.after(4_999);
        assertThat(bed.all(WorkerEffect.Register.class)).hasSize(1);
        bed.after(1);
        assertThat(bed.all(WorkerEffect.Register.class)).hasSize(2);
    }

    @Test
    void a_worker_without_ranks_and_bytes_is_silent() {
        AttachmentId rank = bed.attached(0);
        bed.happens(new WorkerEvent.AttachmentEnded(rank));
        bed.forget();
        bed.after(60_000);

        assertThat(bed.effects).isEmpty();
    }

    @Test
    void an_invitation_is_followed_for_three_intervals() {
        bed.told(new ToWorker.Invite(Bed.JOB));
        assertThat(bed.all(WorkerEffect.Register.class))
                .containsExactly(new WorkerEffect.Register(Bed.JOB, Optional.empty()));
        bed.after(5_000);
        bed.after(5_000);
        assertThat(bed.all(WorkerEffect.Register.class)).hasSize(3);
        bed.after(5_000);
        bed.after(5_000);
        assertThat(bed.all(WorkerEffect.Register.class)).hasSize(3);
    }

    @Test
    void staged_bytes_are_reason_enough_to_register() {
        AttachmentId rank = bed.attached(0);
        bed.staged(rank, 7);
        bed.happens(new WorkerEvent.AttachmentEnded(rank));
        bed.forget();
        bed.after(60_000);

        assertThat(bed.all(WorkerEffect.Register.class))
                .containsExactly(new WorkerEffect.Register(Bed.JOB, Optional.of(new RunNumber(1))));
    }

    @Test
    void it_names_the_newest_run() {
        bed.attached(0);
        bed.attached(1, "t2", 2, Optional.empty());
        bed.attached(3, "t2", 2, Optional.empty());
        bed.forget();
        bed.after(60_000);

        assertThat(bed.all(WorkerEffect.Register.class))
                .containsExactly(new WorkerEffect.Register(Bed.JOB, Optional.of(new RunNumber(2))));
    }

    @Test
    void the_number_of_a_run_is_asked_for_until_it_is_told_and_no_rank_is_let_in_before() {
        long attach = bed.attaching(0, "t1", Optional.empty());
        bed.after(5_000);
        assertThat(bed.all(ToCoordinator.OpenRun.class)).hasSize(2);
        assertThat(bed.reply(attach)).isEmpty();

        bed.told(new ToWorker.RunOpened(Bed.JOB, new RunToken("t1"), new RunNumber(3)));
        bed.forget();
        bed.after(5_000);

        assertThat(bed.all(ToCoordinator.OpenRun.class)).isEmpty();
    }

    @Test
    void a_run_that_is_refused_fails_the_attach_with_the_reason() {
        long attach = bed.attaching(0, "t1", Optional.empty());
        bed.told(new ToWorker.RunRefused(Bed.JOB, new RunToken("t1"), FailureKind.INVALID, "another world size"));

        assertThat(bed.refusal(attach)).isEqualTo("INVALID: another world size");
    }

    @Test
    void an_attach_that_nobody_numbers_fails_in_time() {
        long attach = bed.attaching(0, "t1", Optional.empty());
        bed.after(WorkerRules.Times.DEFAULT.attachWait().toMillis());

        assertThat(bed.refusal(attach)).startsWith("UNAVAILABLE");
    }

    @Test
    void ranks_of_one_run_must_agree_on_the_world_size() {
        bed.attached(0);
        Attachment other = new Attachment(
                Bed.JOB,
                new RunToken("t1"),
                new dev.moorage.protocol.Rank(1),
                new WorldSize(8),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                0);
        bed.happens(new WorkerEvent.AttachCalled(77, other));

        assertThat(bed.refusal(77)).startsWith("INVALID").contains("world size 8");
    }

    @Test
    void a_challenge_is_tried_on_the_store_and_then_answered() {
        bed.attaching(0, "t1", Optional.empty());
        bed.told(new ToWorker.Challenge(Bed.JOB, Bed.INCARNATION, "c1"));
        assertThat(bed.all(WorkerEffect.TryChallenge.class)).hasSize(1);
        assertThat(bed.all(ToCoordinator.ChallengeAnswered.class)).isEmpty();

        bed.happens(new WorkerEvent.ChallengeTried(Bed.JOB, "c1", true));

        assertThat(bed.all(ToCoordinator.ChallengeAnswered.class)).hasSize(1);
    }

    @Test
    void a_challenge_of_another_incarnation_and_one_that_the_store_did_not_answer_lead_to_nothing() {
        bed.told(new ToWorker.Challenge(Bed.JOB, Incarnation.random(), "c1"));
        bed.happens(new WorkerEvent.ChallengeTried(Bed.JOB, "c2", false));

        assertThat(bed.effects).isEmpty();
    }

    @Test
    void a_run_without_a_number_fails_those_who_wait_for_it_and_nothing_else() {
        AttachmentId attached = bed.attached(0);
        long load = bed.loading(attached, "latest", 0, false);
        long attach = bed.attaching(1, "t2", Optional.empty());
        bed.told(new ToWorker.RunRefused(
                Bed.JOB, new RunToken("t2"), FailureKind.CORRUPT, "state/1.json: entry 1 is missing"));

        assertThat(bed.refusal(attach)).startsWith("CORRUPT").contains("entry 1 is missing");
        assertThat(bed.reply(load)).isEmpty();
        bed.told(new ToWorker.RunOpened(Bed.JOB, new RunToken("t2"), new RunNumber(2)));
        assertThat(bed.attached(1, "t2", 2, Optional.empty())).isNotNull();
    }

    @Test
    void a_refused_registration_fails_those_who_wait() {
        long attach = bed.attaching(0, "t1", Optional.empty());
        bed.told(new ToWorker.RegistrationRefused(
                Bed.JOB, Bed.INCARNATION, FailureKind.CORRUPT, "state/1.json: entry 1 is missing"));

        assertThat(bed.refusal(attach)).startsWith("CORRUPT").contains("entry 1 is missing");
    }

    @Test
    void a_refused_registration_ends_the_loads_that_wait_for_a_decision() {
        AttachmentId rank = bed.attached(0);
        long load = bed.loading(rank, "latest", 0, false);
        bed.told(new ToWorker.RegistrationRefused(
                Bed.JOB, Bed.INCARNATION, FailureKind.CORRUPT, "state/1.json: entry 1 is missing"));

        assertThat(bed.refusal(load)).startsWith("CORRUPT").contains("entry 1 is missing");
    }

    @Test
    void a_new_coordinator_is_told_everything_again() {
        AttachmentId rank = bed.attached(0);
        bed.told(Bed.registered(1));
        bed.staged(rank, 7);
        bed.told(Bed.assign(7, 1, 1, 0));
        bed.happens(new WorkerEvent.Uploaded(Bed.attempt(7, 1), Bed.record().part(), Bed.record()));
        bed.loading(rank, "latest", 0, false);
        bed.forget();
        bed.told(Bed.registered(1));
        assertThat(bed.effects).isEmpty();

        bed.told(Bed.registered(2));

        assertThat(bed.all(ToCoordinator.OpenRun.class)).hasSize(1);
        assertThat(bed.stepsSaid()).containsExactly(7L);
        assertThat(bed.all(ToCoordinator.PartDone.class)).hasSize(1);
        assertThat(bed.all(ToCoordinator.LoadAsked.class)).hasSize(1);
    }

    @Test
    void a_coordinator_whose_order_came_before_its_registration_is_told_everything_too() {
        AttachmentId rank = bed.attached(0);
        bed.told(Bed.registered(1));
        bed.staged(rank, 7);
        bed.told(Bed.assign(7, 1, 2, 0));
        bed.forget();
        bed.told(Bed.registered(2));

        assertThat(bed.stepsSaid()).containsExactly(7L);
    }

    @Test
    void orders_of_a_replaced_coordinator_are_dropped_and_it_is_told_of_the_newer_epoch() {
        AttachmentId rank = bed.attached(0);
        bed.staged(rank, 7);
        bed.told(Bed.registered(5));
        bed.forget();
        bed.told(Bed.assign(7, 1, 4, 0));
        bed.told(Bed.outcome(7, 1, 4, true));
        bed.told(Bed.registered(4));

        assertThat(bed.effects)
                .hasSize(3)
                .containsOnly(new WorkerEffect.Send(
                        new ToCoordinator.Progressed(Bed.JOB, Bed.WORKER, Bed.INCARNATION, new Epoch(5), List.of())));
        assertThat(bed.machine.dropped()).isEqualTo(3);
    }

    @Test
    void what_an_earlier_life_has_staged_is_said_at_the_first_tick() {
        StagedRecord record = new StagedRecord(
                new SegmentId("0-1"),
                Bed.JOB,
                new RunNumber(4),
                new dev.moorage.protocol.Rank(2),
                new WorldSize(4),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                new StageTerms(50, new Step(12), ShardKind.OWN, ShardFormat.OPAQUE, Map.of()),
                new Crc32c(5));
        Bed restarted = new Bed(1_000, WorkerRules.WhenFull.WAIT, Map.of(record, 60L));
        restarted.after(0);

        assertThat(restarted.all(WorkerEffect.Register.class))
                .containsExactly(new WorkerEffect.Register(Bed.JOB, Optional.of(new RunNumber(4))));
        assertThat(restarted.stepsSaid()).containsExactly(12L);
        assertThat(restarted.machine.stagedBytes()).isEqualTo(60);
    }

    @Test
    void progress_is_said_once_a_second_at_most() {
        AttachmentId rank = bed.attached(0);
        bed.staged(rank, 7);
        bed.told(Bed.assign(7, 1, 1, 0));
        bed.after(10_000);
        bed.forget();
        for (int i = 1; i <= 10; i++) {
            bed.happens(
                    new WorkerEvent.UploadMoved(Bed.attempt(7, 1), Bed.record().part(), i, i));
            bed.after(200);
        }

        assertThat(bed.all(ToCoordinator.Progressed.class)).hasSize(2).allSatisfy(said -> {
            assertThat(said.epoch()).isEqualTo(new Epoch(1));
            assertThat(said.parts()).hasSize(1);
        });
    }
}
