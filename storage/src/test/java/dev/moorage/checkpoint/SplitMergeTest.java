package dev.moorage.checkpoint;

import static dev.moorage.checkpoint.Tensors.tensor;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Dtype;
import dev.moorage.protocol.FailureKind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class SplitMergeTest {
    private static final List<Dtype> DTYPES = List.of(Dtype.values());
    private static final byte[] MODEL = Tensors.file(
            1,
            List.of(
                    tensor("emb", Dtype.BF16, 1003, 64),
                    tensor("norm", Dtype.F32, 64),
                    tensor("ids", Dtype.I64, 1, 512),
                    tensor("wide", Dtype.F32, 3, 30_000)));

    @Property(tries = 150)
    void what_is_split_is_merged_byte_for_byte(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 9) int ranks, @ForAll @IntRange(max = 12) int tensors) {
        byte[] file = Tensors.file(seed, randomTensors(seed, tensors));

        assertThat(Arrays.equals(merge(split(file, ranks)), file)).isTrue();
    }

    @Test
    void large_tensors_are_cut_by_rows_and_say_where_they_lie() {
        List<byte[]> shards = split(MODEL, 4);

        TensorEntry second = named(shards.get(1), "emb");
        assertThat(second.shape()).containsExactly(251L, 64L);
        assertThat(second.slice()).contains(new TensorEntry.Slice(List.of(1003L, 64L), List.of(251L, 0L)));
        assertThat(shards)
                .filteredOn(
                        shard -> tensors(shard).stream().anyMatch(t -> t.name().equals("wide")))
                .hasSize(1);
    }

    @Test
    void the_source_header_is_kept_by_rank_0_and_wide_elements_come_first() {
        List<byte[]> shards = split(MODEL, 2);

        assertThat(tensors(shards.get(0))).extracting(TensorEntry::name).contains(Split.SOURCE_HEADER);
        for (byte[] shard : shards) {
            assertThat(tensors(shard))
                    .extracting(entry -> -entry.dtype().bytes())
                    .isSorted();
            assertThat(Safetensors.parse(new MemorySource(ByteBuffer.wrap(shard)))
                            .metadata())
                    .containsEntry("format", "pt");
        }
    }

    @Test
    void more_ranks_than_bytes_make_shards_without_tensors() {
        byte[] file = Tensors.file(1, List.of(tensor("a", Dtype.U8, 1)));
        List<byte[]> shards = split(file, 5);

        assertThat(shards).hasSize(5);
        assertThat(merge(shards)).isEqualTo(file);
    }

    @Test
    void a_shard_of_a_split_file_is_not_split_again() {
        byte[] shard = split(MODEL, 2).get(0);

        assertInvalid(() -> split(shard, 2), "split that file instead");
    }

    @Test
    void a_missing_piece_is_named() {
        List<byte[]> shards = split(MODEL, 4);

        assertInvalid(() -> merge(shards.subList(0, 3)), "tensor 'emb' lacks rows from 753 on");
        assertInvalid(
                () -> merge(List.of(shards.get(0), shards.get(1), shards.get(3))),
                "tensor 'emb' lacks rows 502 to 753");
        assertInvalid(() -> merge(shards.subList(1, 4)), "has 0 tensors " + Split.SOURCE_HEADER);
    }

    @Test
    void a_piece_that_is_there_twice_is_named() {
        List<byte[]> shards = split(MODEL, 4);
        List<byte[]> twice = new ArrayList<>(shards);
        twice.add(shards.get(2));

        assertInvalid(() -> merge(twice), "is there twice from row");
    }

    @Test
    void a_tensor_of_another_file_is_named() {
        List<byte[]> shards = new ArrayList<>(split(MODEL, 2));
        shards.add(Tensors.file(1, List.of(tensor("stranger", Dtype.U8, 4))));

        assertInvalid(() -> merge(shards), "'stranger' of a shard is none of the file");
    }

    private static List<Safetensors.Tensor> randomTensors(long seed, int count) {
        Random random = new Random(seed);
        return IntStream.range(0, count)
                .mapToObj(i -> {
                    Dtype dtype = DTYPES.get(random.nextInt(DTYPES.size()));
                    long[] shape = new long[random.nextInt(4)];
                    Arrays.setAll(shape, d -> d == 0 ? random.nextInt(3000) : random.nextInt(12));
                    return tensor("t" + i, dtype, shape);
                })
                .toList();
    }

    private static List<byte[]> split(byte[] file, int ranks) {
        ShardSource source = new MemorySource(ByteBuffer.wrap(file));
        return Split.shards(source, Safetensors.parse(source), ranks).stream()
                .map(SplitMergeTest::read)
                .toList();
    }

    private static byte[] read(ShardSource shard) {
        try {
            ByteBuffer bytes = ByteBuffer.allocate((int) shard.length());
            shard.read(0, bytes);
            return bytes.array();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    /** Hands each shard out in pieces, the last ones first. */
    private static byte[] merge(List<byte[]> shards) {
        List<List<TensorEntry>> entries =
                shards.stream().map(SplitMergeTest::tensors).collect(Collectors.toList());
        Merge.HeaderAt at = Merge.header(entries);
        ByteBuffer header =
                ByteBuffer.wrap(shards.get(at.shard()), (int) at.tensor().begin(), (int)
                        at.tensor().bytes());
        Merge merge = Merge.plan(header, entries);
        byte[] file = new byte[(int) merge.fileBytes()];
        ShardTarget whole = new MemoryTarget(ByteBuffer.wrap(file));
        for (int shard = 0; shard < shards.size(); shard++) {
            hand(shards.get(shard), merge.target(shard, whole));
        }
        return file;
    }

    private static void hand(byte[] shard, ShardTarget target) {
        int step = 10_007;
        try {
            for (int end = shard.length; end > 0; end -= step) {
                int begin = Math.max(0, end - step);
                target.write(begin, ByteBuffer.wrap(shard, begin, end - begin));
            }
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
    }

    private static List<TensorEntry> tensors(byte[] shard) {
        return Safetensors.parse(new MemorySource(ByteBuffer.wrap(shard))).tensors();
    }

    private static TensorEntry named(byte[] shard, String name) {
        return tensors(shard).stream()
                .filter(tensor -> tensor.name().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private static void assertInvalid(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        CheckpointException.class,
                        refused -> assertThat(refused.kind()).isEqualTo(FailureKind.INVALID))
                .hasMessageContaining(message);
    }
}
