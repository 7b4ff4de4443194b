package dev.moorage.worker.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardKind;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class WarmLoadsTest {
    private final Bed bed = new Bed();
    private final AttachmentId rank = bed.attached(0);

    private SegmentId loadedAndReleased(int step, int callers) {
        for (int call = 0; call < callers; call++) {
            bed.loading(rank, "latest", 0, false);
        }
        SegmentId segment = bed.prepared(step);
        bed.told(Bed.decided(Optional.of((long) step), Optional.empty()));
        bed.releasing(rank, segment);
        return segment;
    }

    private Optional<SegmentId> lastFrom() {
        List<WorkerEffect.FillLoad> fills = bed.all(WorkerEffect.FillLoad.class);
        return fills.get(fills.size() - 1).rooms().get(0).from();
    }

    @Test
    void what_a_process_gives_back_is_warm_for_its_next_load_and_lease() {
        SegmentId first = loadedAndReleased(5, 1);
        assertThat(lastFrom()).isEmpty();

        SegmentId second = loadedAndReleased(6, 1);
        assertThat(lastFrom()).contains(first);
        assertThat(bed.leased(rank, Bed.BYTES)).isEqualTo(second);
        assertThat(bed.all(WorkerEffect.Discard.class)).isEmpty();
        assertThat(bed.machine.stagedBytes()).isEqualTo(Bed.BYTES);
    }

    @Test
    void a_release_that_comes_late_does_not_reach_what_was_loaded_since() {
        SegmentId first = loadedAndReleased(5, 1);
        bed.loading(rank, "latest", 0, false);
        SegmentId second = bed.prepared(6);
        bed.told(Bed.decided(Optional.of(6L), Optional.empty()));

        assertThat(bed.refusal(bed.releasing(rank, first))).startsWith("INVALID");
        assertThat(bed.refusal(bed.releasing(rank, second))).isEmpty();
    }

    @Test
    void memory_that_a_dropped_load_was_filling_is_given_to_nobody() {
        SegmentId warm = loadedAndReleased(5, 1);
        bed.loading(rank, "latest", 0, false);
        SegmentId filling = bed.prepared(6);
        bed.told(Bed.decided(Optional.empty(), Optional.of(FailureKind.CORRUPT)));
        assertThat(bed.all(WorkerEffect.Discard.class))
                .containsExactly(new WorkerEffect.Discard(filling), new WorkerEffect.Discard(warm));

        assertThat(bed.leased(rank, Bed.BYTES)).isNotIn(warm, filling);
        bed.loading(rank, "latest", 0, false);
        bed.prepared(7);
        assertThat(lastFrom()).isEmpty();
    }

    @Test
    void a_lease_that_was_given_back_is_warm_for_a_load_of_its_length_only() {
        bed.releasing(rank, bed.leased(rank, Bed.BYTES + 1));
        loadedAndReleased(5, 1);

        assertThat(lastFrom()).isEmpty();
    }

    @Test
    void a_rank_with_two_buffers_keeps_no_third_one_warm() {
        bed.leased(rank, Bed.BYTES);
        bed.leased(rank, Bed.BYTES);
        SegmentId segment = loadedAndReleased(5, 1);

        assertThat(bed.all(WorkerEffect.Discard.class)).containsExactly(new WorkerEffect.Discard(segment));
    }

    @Test
    void what_several_callers_got_is_removed_when_one_gives_it_back() {
        SegmentId segment = loadedAndReleased(5, 2);
        assertThat(bed.all(WorkerEffect.Discard.class)).containsExactly(new WorkerEffect.Discard(segment));
    }

    @Test
    void another_process_never_gets_a_warm_segment() {
        SegmentId segment = loadedAndReleased(5, 1);
        bed.happens(new WorkerEvent.AttachmentEnded(rank));
        AttachmentId again = bed.attached(0);
        bed.loading(again, "latest", 0, false);

        bed.prepared(5);
        assertThat(lastFrom()).isEmpty();
        assertThat(bed.all(WorkerEffect.Discard.class)).containsExactly(new WorkerEffect.Discard(segment));
    }

    @Test
    void a_load_takes_a_warm_segment_only_if_it_then_has_room() {
        bed.staged(rank, 1);
        bed.told(Bed.assign(1, 1, 1, 0));
        SegmentId warm = bed.leased(rank, Bed.BYTES);
        bed.happens(new WorkerEvent.ReleaseCalled(1_000, rank, warm));
        bed.happens(new WorkerEvent.RecordCleared(warm));
        bed.loading(rank, "latest", 0, false);
        bed.told(Bed.prepare(5));
        bed.sized(bed.lastLoad(), Bed.attempt(5, 1), 950);
        assertThat(bed.all(WorkerEffect.Discard.class)).isEmpty();

        bed.told(Bed.outcome(1, 1, 1, true));
        assertThat(bed.all(WorkerEffect.Discard.class)).contains(new WorkerEffect.Discard(warm));
        assertThat(bed.all(WorkerEffect.FillLoad.class)).hasSize(1);
    }

    @Test
    void a_load_that_waits_keeps_the_warm_segment_that_it_will_use() {
        SegmentId own = bed.leased(rank, Bed.BYTES);
        bed.staged(bed.attached(1), 1);
        bed.told(Bed.assign(1, 1, 1, 1));
        bed.releasing(rank, own);
        bed.loading(rank, "latest", 0, false);
        bed.told(Bed.prepare(5));
        bed.happens(new WorkerEvent.LoadSized(
                bed.lastLoad(),
                Bed.attempt(5, 1),
                List.of(
                        new WorkerEvent.SizedShard(ShardKind.OWN, ShardFormat.OPAQUE, Bed.BYTES, Bed.SUM),
                        new WorkerEvent.SizedShard(ShardKind.REPLICATED, ShardFormat.OPAQUE, 850, Bed.SUM)),
                Map.of()));
        assertThat(bed.all(WorkerEffect.FillLoad.class)).isEmpty();
        assertThat(bed.all(WorkerEffect.Discard.class)).isEmpty();

        bed.told(Bed.outcome(1, 1, 1, true));
        assertThat(lastFrom()).contains(own);
    }

    @Test
    void warm_memory_of_another_rank_is_given_up_for_a_lease_that_needs_it() {
        SegmentId warm = loadedAndReleased(5, 1);
        long lease = bed.leasing(bed.attached(1), 950);
        assertThat(bed.all(WorkerEffect.Discard.class)).containsExactly(new WorkerEffect.Discard(warm));

        bed.happens(new WorkerEvent.Discarded(warm));
        assertThat(bed.leased(lease)).isNotEqualTo(warm);
    }
}
