package dev.moorage.storage;

import dev.moorage.protocol.Crc32c;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Immutable objects under string keys: all that Moorage asks of a store.
 *
 * <p>Every implementation guarantees, without options: an object is visible whole or not at all; it is durable when the
 * call that made it returns; create-if-absent has exactly one winner; reads and listings see every write that returned
 * before them. A service that cannot do this is refused when it is opened.
 *
 * <p>Keys are segments of {@code [A-Za-z0-9._-]}, at most 200 characters each, joined by {@code /}, at most 900 characters, no segment {@code .} or
 * {@code ..} or beginning with {@code .tmp-}; others are an {@link IllegalArgumentException}. All calls block and may be
 * made from any thread.
 */
public interface ObjectStore extends AutoCloseable {
    /**
     * Starts an object of unknown length. Nothing is visible until {@link Upload#commit}.
     *
     * @throws IOException if the store cannot take it
     */
    Upload upload(String key) throws IOException;

    /**
     * Writes a small object unless one exists. The body must hold a nonce of the caller: whether a create won is decided by
     * reading back, so that a lost answer, or a retry that meets its own first try, is never taken for a lost race.
     *
     * @param body at most 64 MiB; its position stays where it is
     * @param deadline how long to go on trying
     * @return WON, LOST with the object that is there, or UNKNOWN when no clear answer came before the deadline
     * @throws IOException when it certainly did not happen and trying again is no use: no space, read-only, no rights
     */
    Created createOnce(String key, ByteBuffer body, Duration deadline) throws IOException;

    /**
     * Fills {@code target} with the bytes that start at {@code position}.
     *
     * @throws java.nio.file.NoSuchFileException if there is no such object
     * @throws java.io.EOFException if the object ends before the buffer is full
     */
    void read(String key, long position, ByteBuffer target) throws IOException;

    /**
     * A small object in full.
     *
     * @param bytesMax longest that is accepted; checked before anything is read
     * @return from its first byte to its last
     * @throws java.nio.file.NoSuchFileException if there is no such object
     * @throws IOException if it is longer
     */
    default ByteBuffer readAll(String key, int bytesMax) throws IOException {
        long bytes = stat(key).bytes();
        if (bytes > bytesMax) {
            throw new IOException(key + " has " + bytes + " bytes, at most " + bytesMax + " are expected there");
        }
        ByteBuffer whole = ByteBuffer.allocate((int) bytes);
        read(key, 0, whole);
        return whole.flip();
    }

    /**
     * Length and, where the store has one, sum of an object.
     *
     * @throws java.nio.file.NoSuchFileException if there is no such object
     */
    Stat stat(String key) throws IOException;

    /** Every visible object whose key starts with {@code prefix}, in key order. Close the stream. */
    Stream<StoredObject> list(String prefix) throws IOException;

    /**
     * The distinct next segments after {@code prefix}, in order, without a trailing {@code /}.
     *
     * @param prefix empty or ending with {@code /}
     */
    List<String> children(String prefix) throws IOException;

    /** Removes the object; absent is fine. */
    void delete(String key) throws IOException;

    /** Uploads under {@code prefix} that were neither committed nor discarded. Close the stream. */
    Stream<OpenUpload> listOpenUploads(String prefix) throws IOException;

    /** Discards what an upload left behind; a committed object is never touched. */
    void abortUpload(OpenUpload upload) throws IOException;

    /** What differs between services, as data. */
    Limits limits();

    /** For people and logs: the URI without secrets. */
    @Override
    String toString();

    @Override
    void close() throws IOException;

    /** An object that is being written by one thread. {@link #close} without {@link #commit} discards it. */
    interface Upload extends AutoCloseable {
        /** Appends the remaining bytes of {@code bytes}. */
        void write(ByteBuffer bytes) throws IOException;

        /**
         * Makes the object durable and visible.
         *
         * @param bytes how many were written
         * @param crc of all of them
         * @throws java.nio.file.FileAlreadyExistsException if the key is taken
         * @throws IOException if size or sum are not those of what was written: nothing becomes visible
         */
        void commit(long bytes, Crc32c crc) throws IOException;

        @Override
        void close() throws IOException;
    }

    /** The answer to a create. */
    sealed interface Created {
        /** The object is there and is the caller's. */
        record Won() implements Created {}

        /**
         * Another object is there.
         *
         * @param existing its bytes, a read-only buffer
         */
        record Lost(ByteBuffer existing) implements Created {}

        /**
         * It may or may not be there, or may still come to be.
         *
         * @param reason for people
         */
        record Unknown(String reason) implements Created {}
    }

    /**
     * What a store says of an object without reading it.
     *
     * @param bytes length
     * @param crc of the whole object as the store itself keeps it; empty where it keeps none
     */
    record Stat(long bytes, Optional<Crc32c> crc) {}

    /** An object in a listing. */
    record StoredObject(String key, long bytes) {}

    /**
     * An upload that did not end.
     *
     * @param key that it was meant for
     * @param id the store's own name for it
     */
    record OpenUpload(String key, String id) {}

    /**
     * What differs between services.
     *
     * @param objectBytesMax longest object
     * @param concurrency requests worth having in flight at once
     */
    record Limits(long objectBytesMax, int concurrency) {}
}
