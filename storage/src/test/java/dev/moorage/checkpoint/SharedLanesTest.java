package dev.moorage.checkpoint;

import static dev.moorage.checkpoint.Shelf.ATTEMPT;
import static dev.moorage.checkpoint.Shelf.CHUNK;
import static dev.moorage.checkpoint.Tensors.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Dtype;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.ShardFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** Writers and readers that share the smallest pool and one lane, and what is left when they fail or are stopped. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SharedLanesTest {
    private final Shelf shelf = new Shelf(3, 1);

    @AfterEach
    void every_buffer_is_back() {
        assertThat(shelf.buffers.available()).isEqualTo(shelf.buffers.capacity());
        shelf.close();
    }

    @Test
    void many_writers_and_readers_get_through_three_buffers_and_one_lane() throws Exception {
        byte[] raw = Tensors.file(5, List.of(tensor("w", Dtype.F32, 3 * CHUNK / 4 + 17)));
        List<Codec> codecs = List.of(Codec.NONE, Codec.zstd(1), Codec.PLANES);
        ExecutorService callers = Executors.newFixedThreadPool(6);
        List<Future<Boolean>> round = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            Codec codec = codecs.get(i % codecs.size());
            round.add(callers.submit(
                    () -> Arrays.equals(shelf.read(shelf.write(codec, ShardFormat.SAFETENSORS, raw)), raw)));
        }
        for (Future<Boolean> same : round) {
            assertThat(same.get(60, TimeUnit.SECONDS)).isTrue();
        }
        callers.shutdown();
    }

    @Test
    void no_buffer_within_the_patience_is_unavailable() {
        BufferPool pool = new BufferPool(3L * BufferPool.BUFFER_BYTES, Duration.ofMillis(20));
        List<ByteBuffer> all = pool.acquire(3);

        assertKind(FailureKind.UNAVAILABLE, () -> pool.acquire(1), "no chunk buffer became free");
        assertThat(pool.tryAcquire(1)).isEmpty();
        pool.release(all);
        assertThat(pool.acquire(3)).containsExactlyInAnyOrderElementsOf(all);
    }

    @Test
    void a_pool_below_three_buffers_is_refused() {
        assertKind(FailureKind.INVALID, () -> new BufferPool(3L * BufferPool.BUFFER_BYTES - 1), "at least");
    }

    @Test
    void a_writer_that_is_stopped_leaves_nothing() throws IOException {
        byte[] raw = Shelf.bytes(5, 3 * CHUNK);
        AtomicLong told = new AtomicLong();

        assertThatThrownBy(() -> write(raw, raw, delta -> {
                    if (told.addAndGet(delta) > CHUNK) {
                        throw new CancellationException("stop");
                    }
                }))
                .isInstanceOf(CancellationException.class)
                .hasMessage("stop");
        assertNothingIsLeft();
    }

    @Test
    void an_interrupted_writer_leaves_nothing_and_stays_interrupted() throws IOException {
        byte[] raw = Shelf.bytes(5, 3 * CHUNK);

        assertThatThrownBy(() -> write(raw, raw, delta -> Thread.currentThread().interrupt()))
                .isInstanceOf(CancellationException.class);
        assertThat(Thread.interrupted()).isTrue();
        assertNothingIsLeft();
    }

    @Test
    void bytes_that_were_written_after_staging_are_not_stored() throws IOException {
        byte[] staged = Shelf.bytes(5, CHUNK + 1);
        byte[] now = staged.clone();
        now[CHUNK] ^= 1;

        assertKind(
                FailureKind.UNAVAILABLE,
                () -> write(staged, now, Progress.NONE),
                "rank 3",
                "written after staging",
                Shelf.planned(3, ShardFormat.OPAQUE, staged).rawCrc().toString(),
                Shelf.planned(3, ShardFormat.OPAQUE, now).rawCrc().toString());
        assertKind(
                FailureKind.UNAVAILABLE,
                () -> write(staged, Arrays.copyOf(staged, CHUNK), Progress.NONE),
                "written after staging",
                CHUNK + " bytes now, expected " + (CHUNK + 1));
        assertNothingIsLeft();
    }

    @Test
    void a_store_that_fails_in_the_middle_keeps_nothing() throws IOException {
        byte[] raw = Shelf.bytes(5, 3 * CHUNK);
        AtomicLong writes = new AtomicLong();
        shelf.store.beforeWrite = () -> {
            if (writes.incrementAndGet() == 2) {
                throw new IOException("no space left on device");
            }
        };

        assertKind(FailureKind.UNAVAILABLE, () -> write(raw, raw, Progress.NONE), "rank 3", "no space left on device");
        assertNothingIsLeft();
    }

    @Test
    void a_reader_whose_target_fails_says_so() {
        WrittenShard shard = shelf.write(Codec.zstd(3), Shelf.bytes(5, 3 * CHUNK));

        assertKind(
                FailureKind.UNAVAILABLE,
                () -> shelf.reader()
                        .readAll(
                                ATTEMPT,
                                shard.stored(),
                                shard.detail(),
                                (position, bytes) -> {
                                    throw new IOException("no space left on device");
                                },
                                Progress.NONE),
                "what was read cannot be written: no space left on device");
    }

    @Test
    void a_store_that_does_not_answer_is_not_damage() {
        WrittenShard shard = shelf.write(Codec.zstd(3), Shelf.bytes(5, 3 * CHUNK));
        shelf.store.afterRead = (key, position, read) -> {
            throw new IOException("503");
        };

        assertKind(FailureKind.UNAVAILABLE, () -> shelf.read(shard), "rank 3", "cannot be read now: 503");
    }

    @Test
    void a_lane_must_not_write_shards() throws Exception {
        Future<WrittenShard> inLane = shelf.lanes.submit(() -> shelf.write(Codec.NONE, new byte[1]));

        assertThatThrownBy(() -> inLane.get(10, TimeUnit.SECONDS)).hasRootCauseInstanceOf(IllegalStateException.class);
    }

    private void write(byte[] staged, byte[] now, Progress progress) {
        shelf.writer(Codec.zstd(1))
                .write(
                        ATTEMPT,
                        Shelf.planned(3, ShardFormat.OPAQUE, staged),
                        new MemorySource(ByteBuffer.wrap(now)),
                        progress);
    }

    private void assertNothingIsLeft() throws IOException {
        assertThat(shelf.store.keys()).isEmpty();
        assertThat(shelf.store.listOpenUploads("")).isEmpty();
    }

    private static void assertKind(
            FailureKind kind, org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String... parts) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        CheckpointException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(kind))
                .hasMessageContainingAll(parts);
    }
}
