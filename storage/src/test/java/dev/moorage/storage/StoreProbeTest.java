package dev.moorage.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.storage.FaultyStore.Operation;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class StoreProbeTest {
    private final MemoryStore memory = new MemoryStore();

    @Test
    void a_store_that_keeps_the_contract_passes_and_is_left_as_it_was() throws IOException {
        StoreProbe.run(memory);

        assertThat(memory.list("")).isEmpty();
    }

    @Test
    void a_store_that_ignores_create_if_absent_is_refused() {
        ObjectStore overwrites = twisted("createOnce", arguments -> {
            memory.delete((String) arguments[0]);
            return memory.createOnce((String) arguments[0], (ByteBuffer) arguments[1], null);
        });

        assertRefused(overwrites, "create-if-absent is ignored");
        assertThat(memory.list("")).isEmpty();
    }

    @Test
    void a_store_that_says_lost_and_writes_all_the_same_is_refused() {
        ObjectStore overwrites = twisted("createOnce", arguments -> {
            ObjectStore.Created created = memory.createOnce((String) arguments[0], (ByteBuffer) arguments[1], null);
            if (created instanceof ObjectStore.Created.Lost) {
                memory.delete((String) arguments[0]);
                memory.createOnce((String) arguments[0], (ByteBuffer) arguments[1], null);
            }
            return created;
        });

        assertRefused(overwrites, "did not know its own object");
    }

    @Test
    void a_store_that_does_not_say_what_is_there_is_refused() {
        ObjectStore mute = twisted("createOnce", arguments -> {
            ObjectStore.Created created = memory.createOnce((String) arguments[0], (ByteBuffer) arguments[1], null);
            return created instanceof ObjectStore.Created.Lost
                    ? new ObjectStore.Created.Lost((ByteBuffer) arguments[1])
                    : created;
        });

        assertRefused(mute, "not told what is there");
    }

    @Test
    void a_store_that_reads_other_bytes_is_refused() {
        assertRefused(new FaultyStore(memory).flipBit("", 3, 1, FaultyStore.ALWAYS), "other bytes");
        assertThat(memory.list("")).isEmpty();
    }

    @Test
    void a_store_whose_listing_is_late_is_refused() {
        assertRefused(twisted("list", arguments -> Stream.of()), "listing does not show");
        assertRefused(
                twisted("list", arguments -> Stream.of(new ObjectStore.StoredObject((String) arguments[0], 1))),
                "listing does not show");
    }

    @Test
    void a_store_that_does_not_delete_is_refused() {
        assertRefused(twisted("delete", arguments -> null), "still there");
    }

    @Test
    void a_store_that_never_wins_is_refused() {
        ByteBuffer other = ByteBuffer.allocate(1);
        assertRefused(twisted("createOnce", arguments -> new ObjectStore.Created.Lost(other)), "did not win");
    }

    @Test
    void a_store_without_a_clear_answer_is_unavailable() {
        assertThatThrownBy(() -> StoreProbe.run(new FaultyStore(memory).loseAnswer(Operation.CREATE, "", 1)))
                .isInstanceOfSatisfying(
                        CheckpointException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(FailureKind.UNAVAILABLE));
        assertThat(memory.list("")).isEmpty();
    }

    @Test
    void the_first_failure_is_told_even_if_nothing_can_be_removed() {
        FaultyStore store = new FaultyStore(memory)
                .fail(Operation.READ, "", FaultyStore.ALWAYS)
                .fail(Operation.DELETE, "", FaultyStore.ALWAYS);

        assertThatThrownBy(() -> StoreProbe.run(store))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("READ");
        FaultyStore undeletable = new FaultyStore(memory).fail(Operation.DELETE, "", FaultyStore.ALWAYS);
        assertThatThrownBy(() -> StoreProbe.run(undeletable))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("DELETE");
    }

    private interface Twist {
        Object answer(Object... arguments) throws IOException;
    }

    /** The memory store with one call replaced. */
    private ObjectStore twisted(String method, Twist twist) {
        return (ObjectStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {ObjectStore.class}, (proxy, called, arguments) -> {
                    if (called.getName().equals(method)) {
                        return twist.answer(arguments);
                    }
                    try {
                        return called.invoke(memory, arguments);
                    } catch (InvocationTargetException failure) {
                        throw failure.getCause();
                    }
                });
    }

    private static void assertRefused(ObjectStore store, String why) {
        assertThatThrownBy(() -> StoreProbe.run(store)).isInstanceOfSatisfying(CheckpointException.class, refused -> {
            assertThat(refused.kind()).isEqualTo(FailureKind.INVALID);
            assertThat(List.of(refused.getMessage()))
                    .allMatch(text -> text.contains(why) && text.contains("use another store"));
        });
    }
}
