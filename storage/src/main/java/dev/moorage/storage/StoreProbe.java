package dev.moorage.storage;

import static java.nio.charset.StandardCharsets.US_ASCII;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Nonce;
import dev.moorage.storage.ObjectStore.Created;
import dev.moorage.storage.ObjectStore.StoredObject;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** The proof, at start-up, that a store has the one primitive on which all safety rests. */
final class StoreProbe {
    private static final Duration DEADLINE = Duration.ofSeconds(30);

    private final ObjectStore store;
    private final String key = ".moorage/probe/" + Nonce.random();
    private final ByteBuffer first = body();
    private final ByteBuffer second = body();

    private StoreProbe(ObjectStore store) {
        this.store = store;
    }

    /**
     * Creates an object twice and looks at what is there; removes it in any case.
     *
     * @throws CheckpointException INVALID if the store does not keep its contract; UNAVAILABLE if it gave no clear answer
     * @throws IOException if the store refused a call
     */
    static void run(ObjectStore store) throws IOException {
        StoreProbe probe = new StoreProbe(store);
        boolean proven = false;
        try {
            probe.prove();
            proven = true;
        } finally {
            probe.remove(proven);
        }
    }

    private void prove() throws IOException {
        if (!(create(first) instanceof Created.Won)) {
            throw refused("creating an object under a fresh name did not win");
        }
        if (!(create(second) instanceof Created.Lost lost)) {
            throw refused("a second create of one name won too: create-if-absent is ignored");
        }
        if (!lost.existing().equals(first)) {
            throw refused("a create that lost was not told what is there");
        }
        if (!(create(first) instanceof Created.Won)) {
            throw refused("a repeated create did not know its own object");
        }
        if (!store.readAll(key, first.remaining()).equals(first)) {
            throw refused("reading back gives other bytes than those that won");
        }
        try (Stream<StoredObject> listed = store.list(key)) {
            if (!listed.toList().equals(List.of(new StoredObject(key, first.remaining())))) {
                throw refused("a listing does not show an object that was just made");
            }
        }
    }

    private Created create(ByteBuffer body) throws IOException {
        Created created = store.createOnce(key, body, DEADLINE);
        if (created instanceof Created.Unknown unknown) {
            throw CheckpointException.unavailable(
                    "store " + store + " cannot be opened: no clear answer to a create of " + key + ": "
                            + unknown.reason() + "; try again");
        }
        return created;
    }

    private void remove(boolean proven) throws IOException {
        try {
            store.delete(key);
        } catch (IOException failure) {
            if (proven) {
                throw failure;
            }
            return; // The first failure is the one that says why.
        }
        if (proven && isThere()) {
            throw refused("a deleted object is still there");
        }
    }

    private boolean isThere() throws IOException {
        try {
            store.stat(key);
            return true;
        } catch (NoSuchFileException gone) {
            return false;
        }
    }

    private CheckpointException refused(String why) {
        return CheckpointException.invalid("store " + store + " is refused: " + why + " (probed with " + key
                + "); checkpoints would not be safe there, use another store");
    }

    private static ByteBuffer body() {
        return ByteBuffer.wrap(Nonce.random().value().getBytes(US_ASCII)).asReadOnlyBuffer();
    }
}
