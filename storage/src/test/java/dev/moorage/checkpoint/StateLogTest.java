package dev.moorage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.WorldSize;
import dev.moorage.protocol.record.StateEntry;
import dev.moorage.storage.FaultyStore;
import dev.moorage.storage.FaultyStore.Operation;
import dev.moorage.storage.MemoryStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class StateLogTest {
    private static final Duration DEADLINE = Duration.ofSeconds(20);
    private static final RunToken TOKEN = new RunToken("torch:1:0");
    private static final StateEntry.Run RUN = new StateEntry.Run(new RunNumber(1), TOKEN, new WorldSize(8));
    private static final StateEntry.Restore RESTORE = new StateEntry.Restore(RUN.run(), 0, new Step(40));
    private static final StateEntry.Trigger TRIGGER = new StateEntry.Trigger("request-1", new Step(50));

    private final MemoryStore memory = new MemoryStore();
    private final FaultyStore store = new FaultyStore(memory);
    private final StateLog log = new StateLog(store, Samples.JOB, () -> 0);

    @Test
    void an_empty_log_says_nothing() {
        assertThat(log.read()).isEqualTo(JobState.EMPTY);
        assertKind(FailureKind.INVALID, () -> log.append(JobState.EMPTY, RUN, DEADLINE));
    }

    @Test
    void decisions_are_read_back_as_they_were_made() {
        JobState claimed = log.claim("node-1", DEADLINE);
        JobState running = log.append(claimed, RUN, DEADLINE).orElseThrow();
        JobState restored = log.append(running, RESTORE, DEADLINE).orElseThrow();
        JobState triggered = log.append(restored, TRIGGER, DEADLINE).orElseThrow();

        assertThat(log.read()).isEqualTo(triggered);
        assertThat(triggered.seq()).isEqualTo(4);
        assertThat(triggered.epoch()).contains(new Epoch(1));
        assertThat(triggered.run(TOKEN)).contains(RUN);
        assertThat(triggered.latestRun()).contains(RUN);
        assertThat(triggered.restore(RUN.run(), 0)).contains(RESTORE);
        assertThat(triggered.restore(RUN.run(), 1)).isEmpty();
        assertThat(triggered.trigger("request-1")).contains(TRIGGER);
    }

    @Test
    void who_is_overtaken_is_fenced_until_it_claims_again() {
        JobState old = log.claim("old", DEADLINE);
        JobState young = log.claim("young", DEADLINE);
        assertThat(young.epoch()).contains(new Epoch(2));
        assertThat(log.append(old, RUN, DEADLINE)).isEmpty();
        assertThat(log.append(young, RUN, DEADLINE)).isPresent();
        assertThat(log.append(young, RUN, DEADLINE)).isEmpty();
        assertThat(log.claim("old", DEADLINE).run(TOKEN)).contains(RUN);
    }

    @Test
    void claimers_that_race_get_epochs_of_their_own() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        List<Epoch> epochs = new ArrayList<>();
        try {
            List<Callable<JobState>> claimers = new ArrayList<>();
            for (int i = 0; i < 16; i++) {
                String owner = "node-" + i;
                claimers.add(() -> log.claim(owner, DEADLINE));
            }
            for (Future<JobState> claimed : threads.invokeAll(claimers)) {
                epochs.add(claimed.get().epoch().orElseThrow());
            }
        } finally {
            threads.shutdown();
        }
        assertThat(epochs).doesNotHaveDuplicates().hasSize(16);
        assertThat(log.read().epoch()).contains(new Epoch(16));
    }

    @Test
    void a_claim_that_loses_its_race_takes_the_next_epoch() {
        store.before(
                Operation.CREATE,
                "state/",
                1,
                () -> new StateLog(memory, Samples.JOB, () -> 0).claim("fast", DEADLINE));
        assertThat(log.claim("slow", DEADLINE).epoch()).contains(new Epoch(2));
    }

    @Test
    void a_lost_answer_is_in_doubt_and_the_log_stays_whole() {
        JobState claimed = log.claim("node-1", DEADLINE);
        store.loseAnswer(Operation.CREATE, "state/", 1);
        assertKind(FailureKind.IN_DOUBT, () -> log.append(claimed, RUN, DEADLINE));
        assertThat(log.read().run(TOKEN)).contains(RUN);
        store.loseRequest(Operation.CREATE, "state/", 1);
        assertKind(FailureKind.IN_DOUBT, () -> log.claim("node-1", DEADLINE));
        assertThat(log.claim("node-1", DEADLINE).epoch()).contains(new Epoch(2));
    }

    @Test
    void a_write_that_cannot_be_read_back_is_in_doubt() {
        JobState claimed = log.claim("node-1", DEADLINE);
        store.fail(Operation.CHILDREN, "state/", 1);
        assertKind(FailureKind.IN_DOUBT, () -> log.append(claimed, RUN, DEADLINE));
    }

    @Test
    void a_name_that_was_free_again_does_not_count() {
        JobState claimed = log.claim("zombie", DEADLINE);
        JobState next = new StateLog(memory, Samples.JOB, () -> 0).claim("alive", DEADLINE);
        new StateLog(memory, Samples.JOB, () -> 0).append(next, RUN, DEADLINE);
        memory.delete(Layout.state(Samples.JOB, 2));
        assertThat(log.append(claimed, TRIGGER, DEADLINE)).isEmpty();
    }

    @Test
    void an_entry_that_another_follows_at_once_counts() {
        JobState claimed = log.claim("node-1", DEADLINE);
        store.before(
                Operation.CHILDREN,
                "state/",
                1,
                () -> new StateLog(memory, Samples.JOB, () -> 0).claim("next", DEADLINE));
        assertThat(log.append(claimed, RUN, DEADLINE)).isPresent();
        assertThat(log.read().epoch()).contains(new Epoch(2));
    }

    @Test
    void what_was_decided_is_not_decided_again() {
        JobState running =
                log.append(log.claim("node-1", DEADLINE), RUN, DEADLINE).orElseThrow();
        JobState state = log.append(running, RESTORE, DEADLINE).orElseThrow();
        List<StateEntry.Event> refused = List.of(
                RUN,
                new StateEntry.Run(new RunNumber(2), TOKEN, new WorldSize(8)),
                new StateEntry.Run(new RunNumber(3), new RunToken("x"), new WorldSize(8)),
                new StateEntry.Restore(RUN.run(), 0, new Step(41)),
                new StateEntry.Restore(new RunNumber(2), 0, new Step(41)));
        for (StateEntry.Event event : refused) {
            assertKind(FailureKind.INVALID, () -> log.append(state, event, DEADLINE));
        }
        assertThat(log.read()).isEqualTo(state);
    }

    @Test
    void a_gap_or_a_foreign_entry_in_the_chain_is_corrupt() {
        log.append(log.claim("node-1", DEADLINE), RUN, DEADLINE);
        put(new StateEntry(3, new Epoch(1), Samples.nonce(1), Samples.nonce(2), TRIGGER, 0));
        assertKind(FailureKind.CORRUPT, log::read);
        memory.delete(Layout.state(Samples.JOB, 3));
        assertThat(log.read().seq()).isEqualTo(2);
        memory.delete(Layout.state(Samples.JOB, 1));
        assertKind(FailureKind.CORRUPT, log::read);
    }

    @Test
    void an_epoch_rises_by_one_at_a_claim_and_nowhere_else() {
        Nonce last = log.claim("node-1", DEADLINE).last();
        for (StateEntry wrong : List.of(
                new StateEntry(2, new Epoch(3), last, Samples.nonce(2), new StateEntry.Claim("x"), 0),
                new StateEntry(2, new Epoch(1), last, Samples.nonce(2), new StateEntry.Claim("x"), 0),
                new StateEntry(2, new Epoch(2), last, Samples.nonce(2), TRIGGER, 0))) {
            put(wrong);
            assertKind(FailureKind.CORRUPT, log::read);
            memory.delete(Layout.state(Samples.JOB, 2));
        }
    }

    @Test
    void a_claim_ends_when_its_time_is_up() {
        Optional<Duration> none = Optional.of(Duration.ZERO);
        assertKind(FailureKind.UNAVAILABLE, () -> log.claim("node-1", none.get()));
    }

    private void put(StateEntry entry) {
        memory.createOnce(Layout.state(Samples.JOB, entry.seq()), StateJson.encode(Samples.JOB, entry), DEADLINE);
    }

    private static void assertKind(FailureKind kind, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        CheckpointException.class,
                        failure -> assertThat(failure.kind())
                                .as(failure.getMessage())
                                .isEqualTo(kind));
    }
}
