package dev.moorage.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.protocol.Codec;
import dev.moorage.protocol.VerifyDepth;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** Workers drop the orders of a coordinator that was replaced: it must notice when it is the only one left. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class OutlivedSuccessorTest {
    @Test
    void a_coordinator_that_outlives_its_successor_claims_the_job_again() {
        Plan.Shape shape = new Plan.Shape(2, 2, 0, 1, false, false, false, Codec.NONE, VerifyDepth.NONE, 1);
        World world = new World(7, Plan.calm(shape, new Plan.Demand(0, 0, 0, 0, 0, 0)));
        world.begin();
        world.timeline.runUntil(15_000);
        CoordinatorProcess successor = world.startCoordinator();
        world.timeline.runUntil(30_000);
        successor.die();

        world.timeline.runUntil(45_000);
        world.heal();
        world.timeline.runUntil(900_000);

        assertThat(world.customers).allMatch(Customer::isCommitted).allMatch(Customer::isServed);
    }
}
