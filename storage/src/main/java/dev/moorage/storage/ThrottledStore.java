package dev.moorage.storage;

import dev.moorage.protocol.Crc32c;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * A store whose uploads and reads pass token buckets, for hosts whose network belongs to the training first. Small objects
 * ({@link #createOnce}, {@link #readAll}) and listings are not held back. Closing it closes the store behind it.
 *
 * <p>A wait for bandwidth that is interrupted is a {@link java.util.concurrent.CancellationException}.
 */
final class ThrottledStore implements ObjectStore {
    private final ObjectStore store;
    private final Optional<TokenBucket> uploads;
    private final Optional<TokenBucket> reads;

    ThrottledStore(ObjectStore store, Bandwidth bandwidth, TokenBucket.Time time) {
        this.store = store;
        this.uploads = bucket(bandwidth.uploadBytesPerSecond(), time);
        this.reads = bucket(bandwidth.readBytesPerSecond(), time);
    }

    private static Optional<TokenBucket> bucket(OptionalLong limit, TokenBucket.Time time) {
        return limit.isPresent() ? Optional.of(new TokenBucket(limit.getAsLong(), time)) : Optional.empty();
    }

    @Override
    public Upload upload(String key) throws IOException {
        Upload upload = store.upload(key);
        return uploads.<Upload>map(bucket -> new Throttled(upload, bucket)).orElse(upload);
    }

    private record Throttled(Upload upload, TokenBucket bucket) implements Upload {
        @Override
        public void write(ByteBuffer bytes) throws IOException {
            bucket.take(bytes.remaining());
            upload.write(bytes);
        }

        @Override
        public void commit(long bytes, Crc32c crc) throws IOException {
            upload.commit(bytes, crc);
        }

        @Override
        public void close() throws IOException {
            upload.close();
        }
    }

    @Override
    public void read(String key, long position, ByteBuffer target) throws IOException {
        reads.ifPresent(bucket -> bucket.take(target.remaining()));
        store.read(key, position, target);
    }

    @Override
    public ByteBuffer readAll(String key, int bytesMax) throws IOException {
        return store.readAll(key, bytesMax);
    }

    @Override
    public Created createOnce(String key, ByteBuffer body, Duration deadline) throws IOException {
        return store.createOnce(key, body, deadline);
    }

    @Override
    public Stat stat(String key) throws IOException {
        return store.stat(key);
    }

    @Override
    public Stream<StoredObject> list(String prefix) throws IOException {
        return store.list(prefix);
    }

    @Override
    public List<String> children(String prefix) throws IOException {
        return store.children(prefix);
    }

    @Override
    public void delete(String key) throws IOException {
        store.delete(key);
    }

    @Override
    public Stream<OpenUpload> listOpenUploads(String prefix) throws IOException {
        return store.listOpenUploads(prefix);
    }

    @Override
    public void abortUpload(OpenUpload upload) throws IOException {
        store.abortUpload(upload);
    }

    @Override
    public Limits limits() {
        return store.limits();
    }

    @Override
    public void close() throws IOException {
        store.close();
    }

    @Override
    public String toString() {
        return store.toString();
    }
}
