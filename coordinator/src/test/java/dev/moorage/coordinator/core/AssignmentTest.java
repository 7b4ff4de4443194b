package dev.moorage.coordinator.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.record.PlannedPart;
import dev.moorage.protocol.record.PlannedShard;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class AssignmentTest {
    @Property(tries = 200)
    void every_shard_is_in_one_part_whose_holders_all_hold_it(@ForAll("shards") List<Assignment.HeldShard> shards) {
        Assignment assignment = Assignment.of(shards);

        assertThat(assignment.parts().stream().flatMap(placed -> placed.part().shards().stream()))
                .containsExactlyInAnyOrderElementsOf(
                        shards.stream().map(Assignment.HeldShard::shard).toList());
        Map<PlannedShard, Set<WorkerId>> holders = new HashMap<>();
        shards.forEach(held -> holders.put(held.shard(), held.holders()));
        assertThat(assignment.parts()).allSatisfy(placed -> {
            assertThat(placed.holders()).contains(placed.preferred());
            assertThat(placed.part().shards())
                    .allSatisfy(shard -> assertThat(holders.get(shard)).isEqualTo(placed.holders()));
        });
    }

    @Property(tries = 200)
    void the_order_of_the_input_does_not_matter(
            @ForAll("shards") List<Assignment.HeldShard> shards, @ForAll long seed) {
        List<Assignment.HeldShard> shuffled = new ArrayList<>(shards);
        Collections.shuffle(shuffled, new Random(seed));

        assertThat(Assignment.of(shuffled)).isEqualTo(Assignment.of(shards));
    }

    @Property(tries = 200)
    void the_parts_can_be_an_intent(@ForAll("shards") List<Assignment.HeldShard> shards) {
        List<PlannedPart> parts = Assignment.of(shards).planned();

        for (int i = 0; i < parts.size(); i++) {
            assertThat(parts.get(i).part().value()).isEqualTo(i);
            assertThat(parts.get(i).shards()).hasSizeLessThanOrEqualTo(Assignment.SHARDS_PER_PART_MAX);
        }
    }

    @Property(tries = 200)
    void shards_that_all_hold_are_balanced_within_the_largest_one(
            @ForAll("sizes") List<Long> sizes, @ForAll("workers") Set<WorkerId> workers) {
        List<Assignment.HeldShard> shards = new ArrayList<>();
        for (int rank = 0; rank < sizes.size(); rank++) {
            shards.add(held(rank, sizes.get(rank), workers));
        }
        Map<WorkerId, Long> load = new HashMap<>();
        workers.forEach(worker -> load.put(worker, 0L));
        Assignment.of(shards)
                .parts()
                .forEach(placed -> load.merge(placed.preferred(), placed.part().rawBytes(), Long::sum));

        assertThat(Collections.max(load.values()) - Collections.min(load.values()))
                .isLessThanOrEqualTo(Collections.max(sizes));
    }

    @Provide
    Arbitrary<List<Long>> sizes() {
        return Arbitraries.longs().between(0, 1L << 40).list().ofMinSize(1).ofMaxSize(40);
    }

    @Provide
    Arbitrary<Set<WorkerId>> workers() {
        return Arbitraries.integers()
                .between(0, 5)
                .map(number -> new WorkerId("w" + number))
                .set()
                .ofMinSize(1)
                .ofMaxSize(4);
    }

    @Provide
    Arbitrary<List<Assignment.HeldShard>> shards() {
        return Combinators.combine(Arbitraries.longs().between(0, 1000), workers())
                .as((bytes, holders) -> held(0, bytes, holders))
                .list()
                .ofMaxSize(40)
                .map(list -> {
                    List<Assignment.HeldShard> ranked = new ArrayList<>();
                    list.forEach(
                            held -> ranked.add(held(ranked.size(), held.shard().rawBytes(), held.holders())));
                    return ranked;
                });
    }

    private static Assignment.HeldShard held(int rank, long bytes, Set<WorkerId> holders) {
        return new Assignment.HeldShard(
                new PlannedShard(ShardId.own(rank), ShardFormat.OPAQUE, bytes, new Crc32c(rank)),
                new TreeSet<>(holders));
    }
}
