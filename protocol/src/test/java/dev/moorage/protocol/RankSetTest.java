package dev.moorage.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RankSetTest {
    @Test
    void neighbours_are_merged_and_repeats_forgotten() {
        assertThat(setOf(List.of(7, 1, 0, 3, 2, 2, 7))).hasToString("0-3,7");
        assertThat(setOf(List.of())).isEqualTo(RankSet.EMPTY).hasToString("");
    }

    @Property
    void any_ranks_come_back(@ForAll Set<@IntRange(max = 999_999) Integer> ranks) {
        comesBack(ranks);
    }

    @Property
    void crowded_ranks_come_back(@ForAll Set<@IntRange(max = 30) Integer> ranks) {
        comesBack(ranks);
    }

    @Property
    void text_is_read_as_it_would_be_written_or_is_invalid(@ForAll List<@IntRange(max = 12) Integer> pieces) {
        StringBuilder text = new StringBuilder();
        pieces.forEach(piece -> text.append(piece < 10 ? Integer.toString(piece) : piece == 10 ? "-" : ","));
        try {
            RankSet set = RankSet.parse(text.toString());
            assertThat(RankSet.parse(set.toString())).isEqualTo(set);
            assertThat(set.ranks()).hasSize(set.size());
        } catch (CheckpointException refused) {
            assertThat(refused.kind()).isEqualTo(FailureKind.INVALID);
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                ",",
                "-",
                "1,",
                ",1",
                "1,,2",
                "1-",
                "-1",
                "1--2",
                "1-2-3",
                " 1",
                "1 ",
                "1, 2",
                "x",
                "1000000",
                "0-1000000",
                "3-1",
                "1,1",
                "2,1",
                "0-3,4",
                "0-3,3",
                "0-3,2-5",
                "\u0663",
                "1\0"
            })
    void anything_else_is_invalid(String text) {
        assertThatThrownBy(() -> RankSet.parse(text))
                .isInstanceOfSatisfying(
                        CheckpointException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.INVALID));
    }

    @Test
    void a_hundred_thousand_ranges_are_read() {
        RankSet scattered =
                setOf(IntStream.range(0, 100_000).map(i -> 3 * i).boxed().toList());

        assertThat(RankSet.parse(scattered.toString())).isEqualTo(scattered);
        assertThat(scattered.size()).isEqualTo(100_000);
    }

    @Test
    void a_million_neighbours_are_one_range() {
        assertThat(RankSet.of(new WorldSize(1_000_000).ranks().toList())).hasToString("0-999999");
    }

    @Test
    void a_message_about_a_long_text_is_short() {
        assertThatThrownBy(() -> RankSet.parse("x".repeat(1_000_000)))
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(200));
    }

    private static void comesBack(Set<Integer> ranks) {
        RankSet set = setOf(ranks);

        assertThat(RankSet.parse(set.toString())).isEqualTo(set);
        assertThat(set.ranks().map(Rank::value)).containsExactlyElementsOf(new TreeSet<>(ranks));
        assertThat(set.size()).isEqualTo(ranks.size());
        assertThat(IntStream.range(0, 40).filter(rank -> set.contains(new Rank(rank))))
                .containsExactlyElementsOf(
                        IntStream.range(0, 40).filter(ranks::contains).boxed().toList());
    }

    private static RankSet setOf(Iterable<Integer> ranks) {
        List<Rank> list = new java.util.ArrayList<>();
        ranks.forEach(rank -> list.add(new Rank(rank)));
        return RankSet.of(list);
    }
}
