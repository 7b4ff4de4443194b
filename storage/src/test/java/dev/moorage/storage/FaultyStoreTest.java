package dev.moorage.storage;

import static dev.moorage.storage.ObjectStoreContract.bytes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.Crc32c;
import dev.moorage.storage.FaultyStore.Call;
import dev.moorage.storage.FaultyStore.Operation;
import dev.moorage.storage.ObjectStore.Created;
import dev.moorage.storage.ObjectStore.Upload;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class FaultyStoreTest implements ObjectStoreContract {
    private static final Duration DEADLINE = Duration.ofSeconds(1);

    private final MemoryStore memory = new MemoryStore();
    private final FaultyStore store = new FaultyStore(memory);

    /** Without faults it keeps the contract. */
    @Override
    public ObjectStore store() {
        return store;
    }

    @Test
    void a_failed_call_has_no_effect_and_ends_after_its_times() throws IOException {
        store.fail(Operation.CREATE, "manifest", 2);

        assertThatThrownBy(() -> create("a/manifest", "x"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("500");
        assertThat(create("a/intent", "x")).isEqualTo(new Created.Won());
        assertThatThrownBy(() -> create("a/manifest", "x")).isInstanceOf(IOException.class);
        assertThat(memory.list("a/manifest")).isEmpty();
        assertThat(create("a/manifest", "x")).isEqualTo(new Created.Won());
    }

    @Test
    void a_lost_answer_has_its_effect_and_a_lost_request_has_none() throws IOException {
        store.loseAnswer(Operation.CREATE, "a", 1);
        assertThat(create("a", "x")).isInstanceOf(Created.Unknown.class);
        assertThat(memory.readAll("a", 1)).isEqualTo(bytes("x"));

        store.loseRequest(Operation.CREATE, "b", 1);
        assertThat(create("b", "x")).isInstanceOf(Created.Unknown.class);
        assertThat(memory.list("b")).isEmpty();

        store.loseAnswer(Operation.COMMIT, "c", 1);
        try (Upload upload = store.upload("c")) {
            assertThatThrownBy(() -> upload.commit(0, Crc32c.EMPTY)).isInstanceOf(IOException.class);
        }
        assertThat(memory.stat("c").bytes()).isZero();
    }

    @Test
    void a_truncated_read_is_no_data() throws IOException {
        create("a", "0123456789");
        store.truncate("a", 1);

        assertThatThrownBy(() -> store.readAll("a", 10)).isInstanceOf(EOFException.class);
        assertThat(store.readAll("a", 10)).isEqualTo(bytes("0123456789"));
    }

    @Test
    void a_bit_is_flipped_only_where_and_as_often_as_asked() throws IOException {
        create("a", "0123456789");
        store.flipBit("a", 5, 0, 1);

        assertThat(range("a", 0, 5)).isEqualTo("01234");
        assertThat(range("a", 6, 4)).isEqualTo("6789");
        ByteBuffer inTheMiddle = ByteBuffer.allocate(5).put(bytes("--"));
        store.read("a", 4, inTheMiddle);
        assertThat(inTheMiddle.flip()).isEqualTo(bytes("--446"));
        assertThat(range("a", 0, 10)).isEqualTo("0123456789");

        store.flipBit("a", 0, 1, FaultyStore.ALWAYS);
        assertThat(range("a", 0, 2)).isEqualTo("21");
        assertThat(range("a", 0, 2)).isEqualTo("21");
        store.heal();
        assertThat(range("a", 0, 2)).isEqualTo("01");
    }

    @Test
    void calls_are_recorded_and_hooks_run_before_them() throws IOException {
        List<String> seen = new ArrayList<>();
        store.before(
                Operation.STAT, "a", 1, () -> seen.add("before " + store.calls().size()));
        create("a", "x");
        store.stat("a");
        store.stat("a");

        assertThat(seen).containsExactly("before 2");
        assertThat(store.calls())
                .containsExactly(
                        new Call(Operation.CREATE, "a"), new Call(Operation.STAT, "a"), new Call(Operation.STAT, "a"));
        assertThat(store.calls(Operation.STAT, "a")).isEqualTo(2);
    }

    @Test
    void random_faults_follow_the_seed() throws IOException {
        assertThat(outcomes(1)).isEqualTo(outcomes(1)).contains("won", "unknown", "failed");
        assertThat(outcomes(1)).isNotEqualTo(outcomes(2));
    }

    private static List<String> outcomes(long seed) throws IOException {
        FaultyStore random = new FaultyStore(new MemoryStore(), seed).randomly(0.5);
        List<String> outcomes = new ArrayList<>();
        for (int i = 0; i < 40; i++) {
            try {
                Created created = random.createOnce("key" + i, bytes("x"), DEADLINE);
                outcomes.add(created instanceof Created.Won ? "won" : "unknown");
            } catch (IOException failed) {
                outcomes.add("failed");
            }
        }
        return outcomes;
    }
}
