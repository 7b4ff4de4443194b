package dev.moorage.coordinator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.checkpoint.ManifestLog;
import dev.moorage.coordinator.core.Effect;
import dev.moorage.coordinator.core.JobEvent;
import dev.moorage.coordinator.core.JobMachine;
import dev.moorage.coordinator.core.Marks;
import dev.moorage.coordinator.core.StoreOperation;
import dev.moorage.coordinator.core.Timings;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.storage.FaultyStore;
import dev.moorage.storage.MemoryStore;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * A job with its coordinators and workers, all on one thread and one clock. Messages go through a queue in order; a
 * coordinator's store may fail, a coordinator may stop at any of its store operations.
 */
final class JobBench implements AutoCloseable {
    static final JobName JOB = new JobName("bench");

    final MemoryStore memory = new MemoryStore();
    final FaultyStore faulty = new FaultyStore(memory);
    final CoordinatorStore records = new CoordinatorStore(faulty, Duration.ofSeconds(1), () -> 7);
    final ManifestLog truth = new ManifestLog(memory, () -> 7);
    int invitations;
    final Map<String, FakeWorker> workers = new LinkedHashMap<>();
    final List<String> notes = new ArrayList<>();
    final Deque<Runnable> queue = new ArrayDeque<>();
    final List<Coordinator> coordinators = new ArrayList<>();
    Predicate<StoreOperation> stopBefore = operation -> false;
    Predicate<StoreOperation> stopAfter = operation -> false;
    long now = 1_000;
    private long tickets;
    private final Map<Long, Answer> answers = new HashMap<>();

    /** The coordinator's process ends within a store call. */
    private static final class Stopped extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    /** The coordinator stops just before its {@code number}-th call of the store. */
    void stopAtStoreCall(int number) {
        AtomicInteger calls = new AtomicInteger();
        for (FaultyStore.Operation operation : FaultyStore.Operation.values()) {
            faulty.before(operation, "", FaultyStore.ALWAYS, () -> {
                if (calls.incrementAndGet() == number) {
                    throw new Stopped();
                }
            });
        }
    }

    /** One life of a coordinator. */
    final class Coordinator {
        final JobMachine machine = new JobMachine(JOB, "bench", Timings.DEFAULT, new BenchMarks());
        final StoreOperations operations = new StoreOperations(records, JOB);
        boolean stopped;

        void take(JobEvent event) {
            if (!stopped) {
                carryOut(machine.on(event, now));
            }
        }

        private void carryOut(List<Effect> effects) {
            effects.forEach(effect -> queue.add(() -> carryOut(effect)));
        }

        private void carryOut(Effect effect) {
            if (stopped) {
                return;
            }
            if (effect instanceof Effect.Tell tell) {
                worker(tell.to()).ifPresent(worker -> worker.hear(tell.message()));
            } else if (effect instanceof Effect.Invite) {
                invitations++;
            } else if (effect instanceof Effect.Perform perform) {
                perform(perform.operation());
            } else if (effect instanceof Effect.Reply reply) {
                answers.put(reply.ticket(), reply.answer());
            } else if (effect instanceof Effect.Note note) {
                notes.add(note.line());
            }
        }

        private void perform(StoreOperation operation) {
            if (stopBefore.test(operation)) {
                stopped = true;
                return;
            }
            JobEvent.Stored stored;
            try {
                stored = operations.perform(operation);
            } catch (Stopped reached) {
                stopped = true;
                return;
            }
            if (stopAfter.test(operation)) {
                stopped = true;
                return;
            }
            queue.add(() -> take(stored));
        }
    }

    private static final class BenchMarks implements Marks {
        @Override
        public Nonce nonce() {
            return Nonce.random();
        }

        @Override
        public long createdAtMillis() {
            return 7;
        }
    }

    private Optional<FakeWorker> worker(Incarnation incarnation) {
        return workers.values().stream()
                .filter(worker -> worker.incarnation.equals(incarnation))
                .findFirst();
    }

    /** Another coordinator of the job; those before it go on unless they are stopped. */
    Coordinator start() {
        Coordinator coordinator = new Coordinator();
        coordinators.add(coordinator);
        coordinator.carryOut(coordinator.machine.start(now));
        return coordinator;
    }

    Coordinator restart() {
        coordinators.forEach(coordinator -> coordinator.stopped = true);
        return start();
    }

    /** A worker, known to the coordinators. */
    FakeWorker join(String name) {
        FakeWorker worker = new FakeWorker(name, JOB, memory, this::toAll);
        workers.put(name, worker);
        worker.register();
        run();
        return worker;
    }

    void toAll(ToCoordinator message) {
        queue.add(() -> coordinators.forEach(
                coordinator -> coordinator.take(new JobEvent.Heard((ToCoordinator.FromWorker) message))));
    }

    /** Opens a run: its number is 1 on a fresh log. */
    void openRun(FakeWorker worker, String token, int worldSize) {
        worker.openRun(token, worldSize);
        run();
    }

    void run() {
        for (int steps = 0; !queue.isEmpty(); steps++) {
            assertThat(steps).as("messages without end; notes %s", notes).isLessThan(100_000);
            queue.poll().run();
        }
    }

    /** Lets time pass: all live workers register every 5 s, coordinators look at their deadlines every second. */
    void pass(Duration time) {
        for (long second = 1; second <= time.toSeconds(); second++) {
            now += 1_000;
            if (second % 5 == 0) {
                workers.values().forEach(FakeWorker::register);
            }
            coordinators.forEach(coordinator -> coordinator.take(new JobEvent.Tick()));
            run();
        }
    }

    Answer ask(Coordinator coordinator, ToCoordinator.Question question) {
        long ticket = ++tickets;
        coordinator.take(new JobEvent.Asked(ticket, question));
        run();
        return answers.get(ticket);
    }

    Coordinator current() {
        return coordinators.get(coordinators.size() - 1);
    }

    Answer save(long step) {
        return save(step, Optional.empty(), Optional.empty());
    }

    Answer save(long step, Optional<Codec> codec, Optional<VerifyDepth> depth) {
        return ask(current(), new ToCoordinator.SaveAsked(JOB, new Step(step), codec, depth, Map.of(), null));
    }

    Answer.SaveView view(long step) {
        Answer answer = ask(current(), new ToCoordinator.SaveViewAsked(JOB, new Step(step), null));
        assertThat(answer).as("notes %s", notes).isInstanceOf(Answer.SaveView.class);
        return (Answer.SaveView) answer;
    }

    Answer cancel(long step) {
        return ask(current(), new ToCoordinator.CancelAsked(JOB, new Step(step), null));
    }

    /** What the store says of the attempts of a step, in order; empty while one is open. */
    List<Optional<Manifest>> outcomes(long step) {
        return truth.attempts(new CheckpointId(JOB, new Step(step))).stream()
                .map(view -> view.outcome())
                .toList();
    }

    Manifest onlyOutcome(long step) {
        assertThat(outcomes(step)).hasSize(1).allMatch(Optional::isPresent);
        return outcomes(step).get(0).orElseThrow();
    }

    /** Two workers with two ranks each, in run 1. */
    void fourRanks() {
        start();
        join("w0");
        join("w1");
        openRun(workers.get("w0"), "token-1", 4);
    }

    void stageFour(long step, VerifyDepth depth) {
        for (int rank = 0; rank < 4; rank++) {
            workers.get("w" + rank / 2).stage(1, step, rank, depth);
        }
        run();
    }

    @Override
    public void close() {
        records.close();
    }
}
