package dev.moorage.checkpoint;

import static dev.moorage.checkpoint.Shelf.ATTEMPT;
import static dev.moorage.checkpoint.Shelf.CHUNK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Dtype;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.record.Finding;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** Tensors, ranges and depths of verification. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ShardReaderTest {
    private final Shelf shelf = new Shelf();
    private final byte[] raw = Tensors.file(
            9,
            List.of(
                    Tensors.tensor("large", Dtype.F32, 1200, 1024),
                    Tensors.tensor("middle", Dtype.BF16, 300, 500),
                    Tensors.tensor("small", Dtype.I64, 7)));
    private final WrittenShard shard = shelf.write(Codec.zstd(1), ShardFormat.SAFETENSORS, raw);

    @AfterEach
    void close() {
        assertThat(shelf.buffers.available()).isEqualTo(shelf.buffers.capacity());
        shelf.close();
    }

    @Test
    void a_tensor_reads_only_its_chunks() {
        AtomicInteger reads = new AtomicInteger();
        shelf.store.afterRead = (key, position, read) -> reads.incrementAndGet();

        for (TensorEntry tensor : shard.detail().tensors()) {
            int begin = (int) tensor.begin();
            assertThat(Arrays.equals(read(tensor), Arrays.copyOfRange(raw, begin, begin + (int) tensor.bytes())))
                    .isTrue();
        }
        assertThat(reads).hasValue(4);
    }

    @Test
    void a_damaged_chunk_is_refused_and_other_tensors_still_answer() throws IOException {
        byte[] content = shelf.content(shard);
        content[(int) storedBegin(2) + 100] ^= 1;
        shelf.store.replace(Shelf.key(shard), content);

        assertThatThrownBy(() -> read(tensor("large")))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll("rank 3", "chunk 2", "expected");
        assertThat(read(tensor("small"))).hasSize(56);
        assertThat(read(tensor("middle"))).hasSize(300_000);
    }

    @Test
    void a_range_outside_of_the_shard_is_invalid() {
        assertThatThrownBy(() -> shelf.range(shard, raw.length - 1, 2))
                .isInstanceOfSatisfying(
                        CheckpointException.class,
                        refused -> assertThat(refused.kind()).isEqualTo(FailureKind.INVALID))
                .hasMessageContaining("there are no 2 bytes at " + (raw.length - 1));
    }

    @Test
    void a_deleted_shard_is_corrupt_for_whoever_reads_or_verifies_it() throws IOException {
        shelf.store.delete(Shelf.key(shard));

        assertThatThrownBy(() -> shelf.read(shard)).hasMessageContainingAll("rank 3", "the shard was deleted");
        assertThatThrownBy(() -> read(tensor("small"))).hasMessageContaining("the shard was deleted");
        for (VerifyDepth depth : List.of(VerifyDepth.ATTEST, VerifyDepth.parse("sample:0.1"), VerifyDepth.FULL)) {
            assertThat(verify(depth, 0)).singleElement().satisfies(finding -> {
                assertThat(finding.result()).isEqualTo(VerdictResult.CORRUPT);
                assertThat(finding.message()).contains("the shard was deleted");
            });
        }
    }

    @Test
    void attest_reads_no_bytes_and_sees_another_length() throws IOException {
        shelf.store.afterRead = (key, position, read) -> {
            throw new AssertionError("attest read bytes");
        };
        assertThat(verify(VerifyDepth.ATTEST, 0)).isEmpty();
        assertThat(verify(VerifyDepth.NONE, 0)).isEmpty();

        shelf.store.afterRead = (key, position, read) -> {};
        shelf.store.replace(Shelf.key(shard), new byte[10]);
        assertThat(verify(VerifyDepth.ATTEST, 0))
                .singleElement()
                .satisfies(finding -> assertThat(finding.message()).contains("has 10 bytes, expected"));
    }

    @Test
    void a_sample_reads_that_fraction_and_the_same_one_for_the_same_seed() {
        byte[] bytes = Shelf.bytes(1, 9 * CHUNK + 5);
        WrittenShard many = shelf.write(Codec.NONE, bytes);
        AtomicLong first = new AtomicLong();
        AtomicLong second = new AtomicLong();
        VerifyDepth third = VerifyDepth.parse("sample:0.3");

        assertThat(verify(many, third, 42, first::addAndGet)).isEmpty();
        assertThat(verify(many, third, 42, second::addAndGet)).isEmpty();

        assertThat(first.get()).isEqualTo(second.get()).isBetween(2L * CHUNK, 3L * CHUNK);
    }

    @Test
    void a_full_verification_names_every_damaged_chunk() throws IOException {
        byte[] content = shelf.content(shard);
        content[(int) storedBegin(1)] ^= 1;
        content[(int) storedBegin(3)] ^= 1;
        content[content.length - 1] ^= 1;
        shelf.store.replace(Shelf.key(shard), content);

        assertThat(verify(VerifyDepth.FULL, 0))
                .extracting(Finding::message)
                .satisfiesExactly(
                        trailer -> assertThat(trailer).contains("trailer"),
                        chunk -> assertThat(chunk).contains("chunk 1"),
                        chunk -> assertThat(chunk).contains("chunk 3"));
    }

    @Test
    void a_store_that_is_away_is_asked_a_few_times_only() {
        WrittenShard many = shelf.write(Codec.NONE, Shelf.bytes(1, 12 * CHUNK));
        AtomicInteger asked = new AtomicInteger();
        shelf.store.afterRead = (key, position, read) -> {
            asked.incrementAndGet();
            throw new IOException("503");
        };

        assertThat(verify(many, VerifyDepth.FULL, 0, Progress.NONE))
                .isNotEmpty()
                .allMatch(finding -> finding.result() == VerdictResult.INCOMPLETE);
        assertThat(asked.get()).isLessThan(10);
    }

    private byte[] read(TensorEntry tensor) {
        byte[] content = new byte[(int) tensor.bytes()];
        shelf.reader()
                .readTensor(
                        ATTEMPT, shard.stored(), shard.detail(), tensor, new MemoryTarget(ByteBuffer.wrap(content)));
        return content;
    }

    private TensorEntry tensor(String name) {
        return shard.detail().tensors().stream()
                .filter(tensor -> tensor.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private long storedBegin(int chunk) {
        return shard.detail().chunks().chunks().stream()
                .limit(chunk)
                .mapToLong(ChunkEntry::storedBytes)
                .sum();
    }

    private List<Finding> verify(VerifyDepth depth, long seed) {
        return verify(shard, depth, seed, Progress.NONE);
    }

    private List<Finding> verify(WrittenShard written, VerifyDepth depth, long seed, Progress progress) {
        return shelf.reader().verify(ATTEMPT, written.stored(), Optional.of(written.detail()), depth, seed, progress);
    }
}
