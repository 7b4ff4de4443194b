package dev.moorage.simulation;

import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.WorkerId;
import dev.moorage.storage.MemoryStore;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** Everything there is in one simulation: the store, the hosts, the coordinators, the ranks and those who ask. */
final class World {
    static final JobName JOB = new JobName("job");
    private static final Plan.Network GOOD_NETWORK = new Plan.Network(0, 0, 0, 1);
    private static final Plan.Deaths NO_DEATHS = new Plan.Deaths(0, false, false, 0, 0, false, 0);

    final long seed;
    final Chance chance;
    final Plan plan;
    final Timeline timeline = new Timeline();
    final MemoryStore truth = new MemoryStore();
    final List<Step> steps;
    final Referee referee;
    final Inspector inspector;
    final Network network;
    final Misfortune misfortune;
    final List<Host> hosts;
    final List<CoordinatorProcess> coordinators = new ArrayList<>();
    final List<RankProcess> ranks = new ArrayList<>();
    final List<Customer> customers;
    private final Map<Covered, Integer> covered = new EnumMap<>(Covered.class);
    private boolean healed;
    private int started;

    World(long seed) {
        this(seed, Plan.of(new Chance(~seed)));
    }

    World(long seed, Plan plan) {
        this.seed = seed;
        this.chance = new Chance(seed);
        this.plan = plan;
        this.steps = LongStream.rangeClosed(1, plan.shape().steps())
                .mapToObj(step -> new Step(step * 10))
                .toList();
        this.referee = new Referee(this);
        this.inspector = new Inspector(this);
        this.network = new Network(this);
        this.misfortune = new Misfortune(this);
        this.hosts = IntStream.range(0, plan.shape().workers())
                .mapToObj(n -> new Host(this, new WorkerId("worker-" + n)))
                .toList();
        this.customers = steps.stream().map(step -> new Customer(this, step)).toList();
    }

    void cover(Covered what) {
        covered.merge(what, 1, Integer::sum);
    }

    Map<Covered, Integer> covered() {
        return covered;
    }

    /** The faults that there are now. */
    Plan faults() {
        return healed
                ? new Plan(
                        plan.shape(),
                        GOOD_NETWORK,
                        new Plan.Shelf(0, 0, 0, 0, plan.shelf().others()),
                        NO_DEATHS,
                        plan.demand())
                : plan;
    }

    boolean isHealed() {
        return healed;
    }

    Optional<String> group(int rank) {
        int groups = plan.shape().groups();
        return groups == 0 ? Optional.empty() : Optional.of("group-" + rank % groups);
    }

    int lowestOfGroup(int rank) {
        return rank % plan.shape().groups();
    }

    /** What every checkpoint of the job holds. */
    List<ShardId> shards() {
        List<ShardId> shards = new ArrayList<>();
        for (int rank = 0; rank < plan.shape().ranks(); rank++) {
            shards.add(ShardId.own(rank));
        }
        for (int lowest = 0;
                lowest < Math.min(plan.shape().groups(), plan.shape().ranks());
                lowest++) {
            shards.add(new ShardId(new Rank(lowest), ShardKind.REPLICATED));
        }
        return shards;
    }

    void begin() {
        startCoordinator();
        hosts.forEach(host -> timeline.after(chance.between(0, 3_000), host::start));
        RunToken first = new RunToken("run-a");
        for (int rank = 0; rank < plan.shape().ranks(); rank++) {
            startRank(hosts.get(rank % hosts.size()), first, rank, chance.between(3_000, 10_000));
        }
        if (plan.shape().secondRun()) {
            timeline.after(chance.between(15_000, 110_000), this::secondRun);
        }
        customers.forEach(Customer::bother);
        misfortune.plan();
    }

    private void startRank(Host host, RunToken token, int rank, long millis) {
        timeline.after(millis, () -> {
            if (host.isGone()) {
                return;
            }
            RankProcess process = new RankProcess(this, host, token, rank, steps);
            ranks.add(process);
            host.ranks.add(process);
            process.attach();
        });
    }

    /** Hosts restart their ranks one by one: for a while the old run and the new one are there at once. */
    private void secondRun() {
        RunToken token = new RunToken("run-b");
        List<Host> left = hosts.stream().filter(host -> !host.isGone()).toList();
        if (left.isEmpty()) {
            return;
        }
        timeline.log("run-b begins");
        long[] begin =
                left.stream().mapToLong(host -> chance.between(0, 40_000)).toArray();
        for (int i = 0; i < left.size(); i++) {
            List<RankProcess> old = List.copyOf(left.get(i).ranks);
            if (!plan.shape().stragglers()) {
                timeline.after(begin[i], () -> old.forEach(RankProcess::kill));
            }
        }
        for (int rank = 0; rank < plan.shape().ranks(); rank++) {
            int index = rank % left.size();
            startRank(left.get(index), token, rank, begin[index] + chance.between(500, 3_000));
        }
    }

    CoordinatorProcess startCoordinator() {
        CoordinatorProcess fresh = new CoordinatorProcess(this, "coordinator-" + ++started);
        coordinators.add(fresh);
        fresh.start();
        return fresh;
    }

    /** Ends a process as a crash would; somebody starts it again later. */
    void crash(SimulatedProcess process) {
        misfortune.crash(process);
    }

    /** No more faults: everybody is there, and only the newest coordinator. */
    void heal() {
        timeline.log("healed");
        healed = true;
        Optional<CoordinatorProcess> newest =
                coordinators.stream().filter(SimulatedProcess::isAlive).reduce((older, newer) -> newer);
        coordinators.stream()
                .filter(one -> one.isAlive() && !Optional.of(one).equals(newest))
                .forEach(CoordinatorProcess::die);
        newest.ifPresentOrElse(SimulatedProcess::wake, this::startCoordinator);
        hosts.forEach(host -> {
            host.daemon().ifPresent(SimulatedProcess::wake);
            host.start();
        });
        customers.forEach(hosts.stream().allMatch(Host::isGone) ? Customer::leave : Customer::insist);
    }

    /** A new coordinator takes over from whatever lives. */
    void replaceCoordinator() {
        coordinators.stream().filter(SimulatedProcess::isAlive).forEach(CoordinatorProcess::die);
        startCoordinator();
    }

    /** The run that is not superseded, as far as the log says. */
    private Optional<RunToken> latest() {
        return referee.latest();
    }

    /** Processes of superseded runs that live and do not know it. */
    List<RankProcess> unaware() {
        return ranks.stream()
                .filter(rank ->
                        rank.isAlive() && !rank.knowsItIsSuperseded() && !latest().equals(Optional.of(rank.token())))
                .toList();
    }
}
