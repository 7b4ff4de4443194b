package dev.moorage.protocol;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Ranks as ascending ranges, so that a hundred thousand of them travel in a few bytes. Written {@code 0-3,7}.
 *
 * @param ranges ascending, neither overlapping nor touching
 */
public record RankSet(List<Range> ranges) {
    private static final Pattern FORM = Pattern.compile("[0-9]{1,6}(-[0-9]{1,6})?");
    public static final RankSet EMPTY = new RankSet(List.of());

    /**
     * Neighbouring ranks.
     *
     * @param first lowest
     * @param last highest, itself in the range
     */
    public record Range(int first, int last) {
        public Range {
            Check.range("rank", first, 0, 999_999);
            Check.range("rank", last, first, 999_999);
        }

        @Override
        public String toString() {
            return first == last ? Integer.toString(first) : first + "-" + last;
        }
    }

    public RankSet {
        ranges = List.copyOf(ranges);
        for (int i = 1; i < ranges.size(); i++) {
            Range before = ranges.get(i - 1);
            Range range = ranges.get(i);
            if (range.first() <= before.last() + 1) {
                throw CheckpointException.invalid(
                        "rank ranges must ascend with gaps between them; " + range + " follows " + before);
            }
        }
    }

    /** The set of these ranks, in any order, repeats allowed. */
    public static RankSet of(Collection<Rank> ranks) {
        List<Range> ranges = new ArrayList<>();
        for (int rank : ranks.stream().mapToInt(Rank::value).sorted().distinct().toArray()) {
            Range last = ranges.isEmpty() ? null : ranges.get(ranges.size() - 1);
            if (last != null && last.last() + 1 == rank) {
                ranges.set(ranges.size() - 1, new Range(last.first(), rank));
            } else {
                ranges.add(new Range(rank, rank));
            }
        }
        return new RankSet(ranges);
    }

    /**
     * Reads what {@link #toString} wrote.
     *
     * @throws CheckpointException INVALID for anything else
     */
    public static RankSet parse(String text) {
        if (text.isEmpty()) {
            return EMPTY;
        }
        // Range by range: one pattern for the whole text would recurse as deep as there are ranges.
        return new RankSet(Stream.of(text.split(",", -1)).map(RankSet::range).toList());
    }

    private static Range range(String text) {
        if (!FORM.matcher(text).matches()) {
            throw CheckpointException.invalid("ranks are written as 0-3,7; was " + Check.quote(text));
        }
        String[] ends = text.split("-", -1);
        return new Range(Integer.parseInt(ends[0]), Integer.parseInt(ends[ends.length - 1]));
    }

    /** Whether {@code rank} is in the set. */
    public boolean contains(Rank rank) {
        return ranges.stream().anyMatch(range -> rank.value() >= range.first() && rank.value() <= range.last());
    }

    /** How many ranks there are. */
    public int size() {
        return ranges.stream()
                .mapToInt(range -> range.last() - range.first() + 1)
                .sum();
    }

    /** The ranks, ascending. */
    public Stream<Rank> ranks() {
        return ranges.stream()
                .flatMapToInt(range -> IntStream.rangeClosed(range.first(), range.last()))
                .mapToObj(Rank::new);
    }

    @Override
    public String toString() {
        return ranges.stream().map(Range::toString).collect(Collectors.joining(","));
    }
}
