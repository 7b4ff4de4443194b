package dev.moorage.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.storage.FaultyStore.Operation;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class StoreChallengeTest {
    private final Incarnation worker = Incarnation.random();
    private final MemoryStore memory = new MemoryStore();
    private final FaultyStore store = new FaultyStore(memory);
    private final StoreChallenge challenges = new StoreChallenge(store);

    @Test
    void a_worker_on_the_same_store_answers_as_often_as_it_is_asked() {
        String challenge = challenges.issue();
        assertThat(challenges.isAnswered(challenge, worker)).isFalse();

        challenges.answer(challenge, worker);
        challenges.answer(challenge, worker);

        assertThat(challenges.isAnswered(challenge, worker)).isTrue();
        assertThat(challenges.isAnswered(challenge, Incarnation.random())).isFalse();
    }

    @Test
    void nothing_stays_on_the_store() {
        String challenge = challenges.issue();
        challenges.answer(challenge, worker);
        assertThat(memory.list("").map(object -> object.key()))
                .containsExactly(".moorage/challenge/" + challenge, ".moorage/challenge/" + challenge + "." + worker);

        challenges.remove(challenge, worker);
        challenges.remove(challenge, worker);

        assertThat(memory.list("")).isEmpty();
        assertThat(challenges.isAnswered(challenge, worker)).isFalse();
    }

    @Test
    void a_worker_on_another_store_is_told_so() {
        String challenge = challenges.issue();
        StoreChallenge elsewhere = new StoreChallenge(new MemoryStore("elsewhere"));

        assertFails(
                FailureKind.INVALID,
                "mem:elsewhere of this host is not the store of the coordinator",
                () -> elsewhere.answer(challenge, worker));
        assertThat(challenges.isAnswered(challenge, worker)).isFalse();
    }

    @Test
    void an_answer_that_did_not_read_the_challenge_does_not_count() throws IOException {
        String challenge = challenges.issue();
        memory.createOnce(
                ".moorage/challenge/" + challenge + "." + worker,
                ObjectStoreContract.bytes("yes"),
                Duration.ofSeconds(1));

        assertThat(challenges.isAnswered(challenge, worker)).isFalse();
    }

    @Test
    void a_challenge_cannot_name_another_key() {
        for (String bad : List.of("", "../../job/state/1", "0123456789abcdef0123456789abcdeF", "a".repeat(33))) {
            assertFails(FailureKind.INVALID, "32 lower-case hex digits", () -> challenges.answer(bad, worker));
            assertFails(FailureKind.INVALID, "32 lower-case hex digits", () -> challenges.remove(bad, worker));
            assertFails(FailureKind.INVALID, "32 lower-case hex digits", () -> challenges.isAnswered(bad, worker));
        }
        assertThat(store.calls()).isEmpty();
    }

    @Test
    void a_store_that_fails_is_unavailable_and_never_another_store() {
        String challenge = challenges.issue();
        store.fail(Operation.READ, "challenge", 2).fail(Operation.DELETE, "challenge", 1);

        assertFails(FailureKind.UNAVAILABLE, "500", () -> challenges.answer(challenge, worker));
        assertFails(FailureKind.UNAVAILABLE, "500", () -> challenges.isAnswered(challenge, worker));
        assertFails(FailureKind.UNAVAILABLE, "500", () -> challenges.remove(challenge, worker));

        store.loseAnswer(Operation.CREATE, challenge, 1);
        assertFails(FailureKind.UNAVAILABLE, "no clear answer", () -> challenges.answer(challenge, worker));
        challenges.answer(challenge, worker);
        assertThat(challenges.isAnswered(challenge, worker)).isTrue();
        store.fail(Operation.CREATE, "challenge", 1);
        assertFails(FailureKind.UNAVAILABLE, "500", challenges::issue);
    }

    private static void assertFails(FailureKind kind, String message, ThrowingCallable call) {
        assertThatThrownBy(call).isInstanceOfSatisfying(CheckpointException.class, failure -> {
            assertThat(failure.kind()).isEqualTo(kind);
            assertThat(failure).hasMessageContaining(message);
        });
    }
}
