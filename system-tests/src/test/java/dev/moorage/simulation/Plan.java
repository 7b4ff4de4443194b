package dev.moorage.simulation;

import dev.moorage.protocol.Codec;
import dev.moorage.protocol.VerifyDepth;

/** What a seed makes of a run: its shape, and which faults there are and how strong. Times in milliseconds. */
record Plan(Shape shape, Network network, Shelf shelf, Deaths deaths, Demand demand) {
    /** How long faults last. */
    static final long FAULTS_MILLIS = 180_000;

    /**
     * The job.
     *
     * @param groups how many replica groups, 0 for none
     * @param secondRun whether another run replaces the first
     * @param stragglers whether processes of the first run live on beside the second
     */
    record Shape(
            int workers,
            int ranks,
            int groups,
            int steps,
            boolean secondRun,
            boolean stragglers,
            boolean loads,
            Codec codec,
            VerifyDepth depth,
            int retries) {}

    /** What happens to messages; probabilities. */
    record Network(double loss, double repeat, double late, long lateMillis) {}

    /** What happens to store calls; probabilities. */
    record Shelf(double fail, double loseAnswer, double loseRequest, double late, double others) {}

    /**
     * Who dies and who sleeps.
     *
     * @param abandoned whether all hosts and the coordinator are lost at once and nobody asks for anything any more
     * @param split whether messages go to any living coordinator, not to the newest
     */
    record Deaths(
            int workerCrashes,
            boolean workerGone,
            boolean abandoned,
            int coordinatorCrashes,
            int coordinatorPauses,
            boolean split,
            double inStoreCall) {}

    /**
     * What clients ask for; and who misbehaves.
     *
     * @param scribble ranks that write into what they have staged
     * @param divergent ranks that stage another replica than the others
     * @param steal shards that a stranger removes before the commit
     */
    record Demand(int saves, int cancels, int verifies, double scribble, double divergent, double steal) {}

    static Plan of(Chance chance) {
        int workers = (int) chance.between(2, 4);
        Shape shape = new Shape(
                workers,
                (int) chance.between(2, 6),
                chance.of(0.4) ? (int) chance.between(1, 2) : 0,
                (int) chance.between(1, 2),
                chance.of(0.4),
                chance.of(0.5),
                chance.of(0.5),
                chance.of(0.25) ? Codec.DEFAULT : Codec.NONE,
                chance.of(0.3) ? (chance.of(0.5) ? VerifyDepth.FULL : VerifyDepth.ATTEST) : VerifyDepth.NONE,
                (int) chance.between(0, 2));
        Network network = new Network(
                chance.strength(0.02, 0.3),
                chance.strength(0.02, 0.3),
                chance.strength(0.02, 0.3),
                chance.between(500, 20_000));
        Shelf shelf = new Shelf(
                chance.strength(0.01, 0.15),
                chance.strength(0.01, 0.15),
                chance.strength(0.01, 0.1),
                chance.strength(0.01, 0.2),
                chance.strength(0.1, 0.6));
        Deaths deaths = new Deaths(
                chance.of(0.5) ? (int) chance.between(1, 4) : 0,
                chance.of(0.15),
                chance.of(0.06),
                chance.of(0.5) ? (int) chance.between(1, 4) : 0,
                chance.of(0.5) ? (int) chance.between(1, 3) : 0,
                chance.of(0.3),
                chance.strength(0.002, 0.02));
        Demand demand = new Demand(
                (int) chance.between(0, 4),
                chance.of(0.25) ? (int) chance.between(1, 2) : 0,
                chance.of(0.3) ? 1 : 0,
                chance.of(0.1) ? 0.2 : 0,
                chance.of(0.1) ? 0.3 : 0,
                chance.of(0.1) ? 0.3 : 0);
        return chance.of(0.05) ? calm(shape, demand) : new Plan(shape, network, shelf, deaths, demand);
    }

    /** Nothing goes wrong. */
    static Plan calm(Shape shape, Demand demand) {
        return new Plan(
                shape,
                new Network(0, 0, 0, 1),
                new Shelf(0, 0, 0, 0, 0.2),
                new Deaths(0, false, false, 0, 0, false, 0),
                demand);
    }

    /** Whether there is nothing that could keep a save from its commit. */
    boolean isCalm() {
        boolean goodNetwork = network.loss() + network.repeat() + network.late() == 0;
        boolean goodStore = shelf.fail() + shelf.loseAnswer() + shelf.loseRequest() + shelf.late() == 0;
        boolean nobodyDies = deaths.workerCrashes() + deaths.coordinatorCrashes() + deaths.coordinatorPauses() == 0
                && !deaths.workerGone()
                && !deaths.abandoned()
                && !deaths.split()
                && deaths.inStoreCall() == 0;
        boolean goodRanks = demand.scribble() + demand.divergent() + demand.steal() == 0 && !shape.secondRun();
        return goodNetwork && goodStore && nobodyDies && goodRanks && demand.cancels() == 0;
    }
}
