package dev.moorage.storage;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.Nonce;
import dev.moorage.storage.ObjectStore.Created;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.regex.Pattern;

/**
 * The proof that two hosts see one store: one writes an object, and the other answers beside it with what it read there.
 * Without it, {@code file:///data} of two hosts may be two directories. Threads: any; every call blocks.
 */
public final class StoreChallenge {
    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final Pattern CHALLENGE = Pattern.compile("[0-9a-f]{32}");
    private static final int BYTES_MAX = 256;

    private final ObjectStore store;

    /** @param store that is to be shared */
    public StoreChallenge(ObjectStore store) {
        this.store = requireNonNull(store);
    }

    /**
     * Writes a challenge (by the coordinator).
     *
     * @return its name, 32 hex digits
     * @throws CheckpointException UNAVAILABLE if the store does not take it
     */
    public String issue() {
        String challenge = Nonce.random().value();
        create(key(challenge), bytes(Nonce.random().value()));
        return challenge;
    }

    /**
     * Answers a challenge (by a worker). Answering twice is the same as once.
     *
     * @throws CheckpointException INVALID if it is not on this store, or is no challenge at all; UNAVAILABLE if the store does
     *     not answer
     */
    public void answer(String challenge, Incarnation incarnation) {
        try {
            ByteBuffer asked = store.readAll(key(challenge), BYTES_MAX);
            create(key(challenge, incarnation), reply(asked, incarnation));
        } catch (NoSuchFileException absent) {
            throw CheckpointException.invalid(
                    store + " of this host is not the store of the coordinator: " + key(challenge)
                            + " is not there; give both the same store (a shared file system mounted at this path, or a cloud store)");
        } catch (IOException failure) {
            throw unavailable(key(challenge), failure);
        }
    }

    /**
     * Whether the worker's answer is there and is the right one (asked by the coordinator).
     *
     * @throws CheckpointException UNAVAILABLE if the store does not answer
     */
    public boolean isAnswered(String challenge, Incarnation incarnation) {
        try {
            ByteBuffer expected = reply(store.readAll(key(challenge), BYTES_MAX), incarnation);
            return store.readAll(key(challenge, incarnation), BYTES_MAX).equals(expected);
        } catch (NoSuchFileException absent) {
            return false;
        } catch (IOException failure) {
            throw unavailable(key(challenge, incarnation), failure);
        }
    }

    /**
     * Removes challenge and answer (by the coordinator); absent is fine.
     *
     * @throws CheckpointException UNAVAILABLE if the store does not answer
     */
    public void remove(String challenge, Incarnation incarnation) {
        try {
            store.delete(key(challenge, incarnation));
            store.delete(key(challenge));
        } catch (IOException failure) {
            throw unavailable(key(challenge), failure);
        }
    }

    private void create(String key, ByteBuffer body) {
        try {
            Created created = store.createOnce(key, body, DEADLINE);
            if (created instanceof Created.Unknown unknown) {
                throw CheckpointException.unavailable(
                        "no clear answer of store " + store + " for " + key + ": " + unknown.reason() + "; try again");
            }
            if (created instanceof Created.Lost) {
                throw CheckpointException.invalid(key + " on store " + store + " is there with another content");
            }
        } catch (IOException failure) {
            throw unavailable(key, failure);
        }
    }

    private CheckpointException unavailable(String key, IOException failure) {
        return new CheckpointException(
                FailureKind.UNAVAILABLE,
                "store " + store + " failed at " + key + ": " + failure + "; try again",
                failure);
    }

    /** A challenge comes in a message, so that it is checked before it becomes part of a key. */
    private static String key(String challenge) {
        if (challenge == null || !CHALLENGE.matcher(challenge).matches()) {
            throw CheckpointException.invalid("a store challenge is 32 lower-case hex digits");
        }
        return ".moorage/challenge/" + challenge;
    }

    private static String key(String challenge, Incarnation incarnation) {
        return key(challenge) + "." + incarnation;
    }

    private static ByteBuffer reply(ByteBuffer asked, Incarnation incarnation) {
        return bytes(US_ASCII.decode(asked.duplicate()) + " " + incarnation);
    }

    private static ByteBuffer bytes(String text) {
        return ByteBuffer.wrap(text.getBytes(US_ASCII));
    }
}
