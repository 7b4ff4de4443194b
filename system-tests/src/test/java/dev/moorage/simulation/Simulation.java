package dev.moorage.simulation;

import java.util.List;
import java.util.Map;

/** One seed's life: faults for a while, then none, until everything has come to its end; rules are checked all the way. */
final class Simulation {
    private static final long PATIENCE_MILLIS = 1_800_000;
    private static final long LATEST_CREATE_MILLIS = 31_000;

    private final World world;

    private Simulation(long seed) {
        this.world = new World(seed);
    }

    /**
     * What came of a seed.
     *
     * @param hash of all events: equal for equal seeds
     */
    record Result(long seed, long hash, long events, Map<Covered, Integer> covered) {}

    /** Runs a seed. A rule that does not hold is an {@link AssertionError} with the last events and how to run it again. */
    static Result run(long seed) {
        Simulation simulation = new Simulation(seed);
        try {
            simulation.live();
        } catch (RuntimeException | Error broken) {
            throw new AssertionError(simulation.describe(broken), broken);
        }
        World world = simulation.world;
        return new Result(seed, world.timeline.hash(), world.timeline.events(), world.covered());
    }

    private void live() {
        world.begin();
        world.timeline.runUntil(Plan.FAULTS_MILLIS);
        world.heal();
        long healed = world.timeline.now();
        world.timeline.runUntil(healed + LATEST_CREATE_MILLIS);
        while (!isSettled()) {
            if (world.timeline.now() > healed + PATIENCE_MILLIS) {
                throw new Violation("L1", "not everything has ended: " + waits());
            }
            world.ranks.forEach(RankProcess::poke);
            world.timeline.runUntil(world.timeline.now() + 5_000);
        }
        if (world.plan.isCalm() && !world.customers.stream().allMatch(Customer::isCommitted)) {
            throw new Violation("L1", "nothing went wrong, but not everything is committed");
        }
        lastWord();
        world.inspector.check();
    }

    private boolean isSettled() {
        return world.customers.stream().allMatch(Customer::isServed)
                && world.unaware().isEmpty()
                && world.ranks.stream().allMatch(RankProcess::isAtRest);
    }

    private String waits() {
        return world.customers.stream().filter(one -> !one.isServed()).count() + " customers wait, "
                + world.unaware().size() + " superseded processes do not know it, "
                + world.ranks.stream().filter(rank -> !rank.isAtRest()).count() + " ranks wait";
    }

    /** L2: whatever was left open is closed by the next coordinator. */
    private void lastWord() {
        world.replaceCoordinator();
        long begin = world.timeline.now();
        do {
            if (world.timeline.now() > begin + PATIENCE_MILLIS) {
                throw new Violation("L2", "still open: " + world.inspector.open());
            }
            world.timeline.runUntil(world.timeline.now() + 20_000);
        } while (!world.inspector.open().isEmpty());
    }

    private String describe(Throwable broken) {
        List<String> lines = world.timeline.lines();
        return "seed " + world.seed + ": " + broken.getMessage() + "\nAgain: mvn -pl system-tests -am test"
                + " -Dtest=SimulationTest -Dsurefire.failIfNoSpecifiedTests=false -Dsimulation.seed=" + world.seed
                + "\n" + world.plan + "\nLast events:\n"
                + String.join("\n", lines);
    }
}
