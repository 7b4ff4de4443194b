package dev.moorage.checkpoint;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.storage.ObjectStore;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A store as records use it: whole small objects, and failures of the kinds that cross a module's edge. */
final class RecordStore {
    private final ObjectStore store;

    RecordStore(ObjectStore store) {
        this.store = store;
    }

    /**
     * The whole object, empty if there is none.
     *
     * @param bytesMax a longer one is CORRUPT, and is not read
     */
    Optional<ByteBuffer> read(String key, int bytesMax) {
        try {
            long bytes = store.stat(key).bytes();
            capped(key, bytes, bytesMax);
            ByteBuffer object = ByteBuffer.allocate((int) bytes);
            store.read(key, 0, object);
            return Optional.of(object.flip());
        } catch (NoSuchFileException absent) {
            return Optional.empty();
        } catch (EOFException shorter) {
            throw new CheckpointException(
                    FailureKind.CORRUPT, key + ": the object is shorter than the store says", shorter);
        } catch (IOException failure) {
            throw unavailable("cannot read " + key, failure);
        }
    }

    boolean exists(String key) {
        try {
            store.stat(key);
            return true;
        } catch (NoSuchFileException absent) {
            return false;
        } catch (IOException failure) {
            throw unavailable("cannot look up " + key, failure);
        }
    }

    /**
     * Creates an object unless there is one.
     *
     * @return empty if it is there and the caller's, else what is there instead
     * @throws CheckpointException IN_DOUBT if no clear answer came in time; CORRUPT if what is there is too long
     */
    Optional<ByteBuffer> create(String key, ByteBuffer object, int bytesMax, Duration deadline) {
        try {
            ObjectStore.Created created = store.createOnce(key, object, deadline);
            if (created instanceof ObjectStore.Created.Unknown unknown) {
                throw new CheckpointException(
                        FailureKind.IN_DOUBT,
                        key + ": no clear answer within " + deadline.toMillis() + " ms, it may or may not be written: "
                                + unknown.reason() + "; read it before deciding anything");
            }
            if (created instanceof ObjectStore.Created.Lost lost) {
                capped(key, lost.existing().remaining(), bytesMax);
                return Optional.of(lost.existing());
            }
            return Optional.empty();
        } catch (IOException failure) {
            throw unavailable("cannot write " + key, failure);
        }
    }

    /** The distinct next segments after {@code prefix}. */
    List<String> children(String prefix) {
        try {
            return store.children(prefix);
        } catch (IOException failure) {
            throw unavailable("cannot list " + prefix, failure);
        }
    }

    /** Length by key of every object under {@code prefix}. */
    Map<String, Long> list(String prefix) {
        Map<String, Long> objects = new TreeMap<>();
        try (Stream<ObjectStore.StoredObject> listed = store.list(prefix)) {
            listed.forEach(object -> objects.put(object.key(), object.bytes()));
            return objects;
        } catch (IOException failure) {
            throw unavailable("cannot list " + prefix, failure);
        } catch (java.io.UncheckedIOException failure) {
            throw unavailable("cannot list " + prefix, failure.getCause());
        }
    }

    private static void capped(String key, long bytes, int bytesMax) {
        if (bytes > bytesMax) {
            throw CheckpointException.corrupt(
                    key + ": the object has " + bytes + " bytes, a record of its kind at most " + bytesMax);
        }
    }

    private CheckpointException unavailable(String what, IOException failure) {
        return new CheckpointException(
                FailureKind.UNAVAILABLE, what + " on " + store + ": " + Failures.reason(failure), failure);
    }

    @Override
    public String toString() {
        return store.toString();
    }
}
