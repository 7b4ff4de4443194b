package dev.moorage.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.util.EnumMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.slf4j.LoggerFactory;

/**
 * Thousands of jobs with everything that can go wrong. {@code -Dsimulation.seeds=N} says how many, {@code
 * -Dsimulation.first=N} where they begin, {@code -Dsimulation.seed=N} runs a single one again.
 */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SimulationTest {
    private static final long SEEDS = Long.getLong("simulation.seeds", 2_000);
    private static final long FIRST = Long.getLong("simulation.first", 1);
    private static final int ENOUGH_TO_COVER_ALL = 1_000;

    private static final Logger MOORAGE = (Logger) LoggerFactory.getLogger("dev.moorage");
    private static final Logger AUDIT = (Logger) LoggerFactory.getLogger("moorage.audit");
    private static Level before;
    private static Level auditBefore;

    @BeforeAll
    static void be_quiet() {
        before = MOORAGE.getLevel();
        auditBefore = AUDIT.getLevel();
        MOORAGE.setLevel(Level.OFF);
        AUDIT.setLevel(Level.OFF);
    }

    @AfterAll
    static void speak_again() {
        MOORAGE.setLevel(before);
        AUDIT.setLevel(auditBefore);
    }

    @Test
    void every_rule_holds_whatever_goes_wrong() {
        Long single = Long.getLong("simulation.seed");
        if (single != null) {
            System.out.println(Simulation.run(single));
            return;
        }
        Map<Covered, Integer> seeds = new EnumMap<>(Covered.class);
        long hash = 0;
        long events = 0;
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            Simulation.Result result = Simulation.run(seed);
            hash = hash * 31 + result.hash();
            events += result.events();
            result.covered().keySet().forEach(reached -> seeds.merge(reached, 1, Integer::sum));
        }
        System.out.println(SEEDS + " seeds from " + FIRST + ", " + events + " events, hash " + Long.toHexString(hash)
                + ", reached in so many seeds: " + seeds);
        if (SEEDS >= ENOUGH_TO_COVER_ALL) {
            for (Covered covered : Covered.values()) {
                assertThat(seeds.getOrDefault(covered, 0))
                        .as("seeds that reached " + covered)
                        .isGreaterThanOrEqualTo((int) (SEEDS / 400));
            }
        }
    }

    @Test
    @DisabledIfSystemProperty(named = "simulation.seed", matches = ".*")
    void the_same_seed_has_the_same_events() {
        for (long seed = FIRST; seed < FIRST + 40; seed++) {
            assertThat(Simulation.run(seed)).isEqualTo(Simulation.run(seed));
        }
    }
}
