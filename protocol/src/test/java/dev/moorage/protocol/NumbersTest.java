package dev.moorage.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.TreeMap;
import java.util.function.LongFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class NumbersTest {
    static Stream<Arguments> ranges() {
        return Stream.of(
                range("step", Step::new, 0, Long.MAX_VALUE),
                range("run number", RunNumber::new, 1, Long.MAX_VALUE),
                range("epoch", Epoch::new, 1, Long.MAX_VALUE),
                range("attempt", value -> new Attempt((int) value), 1, 9_999),
                range("rank", value -> new Rank((int) value), 0, 999_999),
                range("part number", value -> new PartNumber((int) value), 0, 999_999),
                range("world size", value -> new WorldSize((int) value), 1, 1_000_000));
    }

    @ParameterizedTest
    @MethodSource("ranges")
    void a_number_keeps_to_its_range(String what, LongFunction<Object> made, long min, long max) {
        assertThat(made.apply(min)).hasToString(Long.toString(min));
        assertThat(made.apply(max)).hasToString(Long.toString(max));
        assertThatThrownBy(() -> made.apply(min - 1))
                .isInstanceOf(CheckpointException.class)
                .hasMessage(what + " must be " + min + " to " + max + ", was " + (min - 1));
        assertThatThrownBy(() -> made.apply(max + 1))
                .isInstanceOf(CheckpointException.class)
                .hasMessageStartingWith(what + " must be " + min + " to " + max);
    }

    @Test
    void numbers_sort_by_value() {
        assertThat(new Step(9)).isLessThan(new Step(10));
        assertThat(new RunNumber(9)).isLessThan(new RunNumber(10));
        assertThat(new Epoch(9)).isLessThan(new Epoch(10));
        assertThat(new Attempt(9)).isLessThan(new Attempt(10));
        assertThat(new Rank(9)).isLessThan(new Rank(10));
        assertThat(new PartNumber(9)).isLessThan(new PartNumber(10));
        assertThat(new ShardId(new Rank(1), ShardKind.REPLICATED)).isBetween(ShardId.own(1), ShardId.own(2));
    }

    @Test
    void a_world_size_contains_the_ranks_below_it() {
        WorldSize size = new WorldSize(3);

        assertThat(size.ranks()).containsExactly(new Rank(0), new Rank(1), new Rank(2));
        assertThat(size.contains(new Rank(2))).isTrue();
        assertThat(size.contains(new Rank(3))).isFalse();
    }

    @Test
    void ids_name_job_step_and_attempt() {
        AttemptId first = new CheckpointId(new JobName("j"), new Step(7)).attempt(1);

        assertThat(first).hasToString("job j step 7 attempt 1");
        assertThat(first.next()).hasToString("job j step 7 attempt 2");
        assertThat(first.next().checkpoint()).isEqualTo(first.checkpoint()).hasToString("job j step 7");
        assertThat(new ShardId(new Rank(1), ShardKind.REPLICATED)).hasToString("rank 1 (replicated)");
        assertThatThrownBy(() -> first.checkpoint().attempt(9_999).next()).hasMessageContaining("1 to 9999");
    }

    @ParameterizedTest
    @EnumSource(FailureKind.class)
    void every_kind_of_failure_has_its_exit_status(FailureKind kind) {
        assertThat(kind.exitStatus())
                .isEqualTo(Map.of(
                                FailureKind.INVALID,
                                2,
                                FailureKind.NOT_FOUND,
                                3,
                                FailureKind.UNAVAILABLE,
                                4,
                                FailureKind.CORRUPT,
                                5,
                                FailureKind.IN_DOUBT,
                                6)
                        .get(kind));
    }

    @Test
    void only_outcomes_are_closed() {
        assertThat(Stream.of(CheckpointState.values()).filter(CheckpointState::isClosed))
                .containsExactly(CheckpointState.COMMITTED, CheckpointState.ABORTED, CheckpointState.DELETED);
    }

    @ParameterizedTest
    @EnumSource(Dtype.class)
    void an_element_type_is_found_by_its_name(Dtype type) {
        assertThat(Dtype.named(type.name())).contains(type);
        assertThat(Dtype.named(type.name() + " ")).isEmpty();
        assertThat(type.bytes()).isIn(1, 2, 4, 8);
    }

    @Test
    void metadata_is_at_most_64_ki_characters_and_is_kept_as_given() {
        Map<String, String> given = new TreeMap<>(Map.of("k", "v".repeat(65_535)));
        SaveSpec spec = new SaveSpec(new WorldSize(1), Codec.NONE, VerifyDepth.NONE, new TreeMap<>(given));

        assertThat(spec.metadata()).isEqualTo(given);
        assertThatThrownBy(() -> spec.metadata().put("x", "y")).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> SaveSpec.metadata(Map.of("kk", "v".repeat(65_535))))
                .hasMessage("characters of metadata must be 0 to 65536, was 65537");
    }

    private static Arguments range(String what, LongFunction<Object> made, long min, long max) {
        return Arguments.of(what, made, min, max);
    }
}
