package dev.moorage.checkpoint;

import static dev.moorage.checkpoint.Shelf.CHUNK;
import static dev.moorage.checkpoint.Tensors.tensor;
import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.protocol.Dtype;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ChunkPlanTest {
    @Test
    void opaque_bytes_are_cut_every_4_MiB() {
        assertThat(ChunkPlan.opaque(0).lengths()).isEmpty();
        assertThat(ChunkPlan.opaque(1).lengths()).containsExactly(1);
        assertThat(ChunkPlan.opaque(CHUNK).lengths()).containsExactly(CHUNK);
        assertThat(ChunkPlan.opaque(2L * CHUNK + 5).lengths()).containsExactly(CHUNK, CHUNK, 5);
    }

    @Test
    void the_header_has_a_chunk_of_its_own() {
        SafetensorsHeader header = Tensors.header(tensor("w", Dtype.U8, 10));

        assertThat(plan(header).lengths()).containsExactly((int) header.headerBytes(), 10);
    }

    @Test
    void a_tensor_of_4_MiB_starts_a_chunk_and_its_rest_may_be_joined_by_the_same_dtype() {
        assertThat(dataChunks(tensor("a", Dtype.U8, 10), tensor("b", Dtype.U8, CHUNK + 7), tensor("c", Dtype.U8, 3)))
                .containsExactly(10, CHUNK, 10);
    }

    @Test
    void a_shorter_tensor_is_never_cut() {
        int most = CHUNK - 100;

        assertThat(dataChunks(tensor("a", Dtype.U8, 101), tensor("b", Dtype.U8, most), tensor("c", Dtype.U8, 100)))
                .containsExactly(101, CHUNK);
    }

    @Test
    void a_tensor_of_64_KiB_never_shares_a_chunk_with_another_dtype() {
        int large = 64 << 10;

        assertThat(dataChunks(tensor("a", Dtype.U8, large), tensor("b", Dtype.I8, 1)))
                .containsExactly(large, 1);
        assertThat(dataChunks(tensor("a", Dtype.U8, 1), tensor("b", Dtype.I8, large)))
                .containsExactly(1, large);
        assertThat(dataChunks(tensor("a", Dtype.U8, large), tensor("b", Dtype.U8, large)))
                .containsExactly(2 * large);
    }

    @Test
    void small_tensors_of_any_dtype_share_a_chunk() {
        assertThat(dataChunks(
                        tensor("a", Dtype.U8, 3),
                        tensor("none", Dtype.F32, 0),
                        tensor("b", Dtype.F32, 5),
                        tensor("c", Dtype.U8, 4)))
                .containsExactly(27);
    }

    @Test
    void a_chunk_of_one_type_is_known_to_be_of_it_and_a_mixed_one_is_not() {
        SafetensorsHeader header = Tensors.header(
                tensor("small", Dtype.I64, 10),
                tensor("other", Dtype.F32, 10),
                tensor("again", Dtype.I64, 10),
                tensor("short rows", Dtype.F32, 200, 100),
                tensor("long rows", Dtype.F32, 100, 300),
                tensor("large", Dtype.BF16, 3, CHUNK / 4));
        ChunkPlan plan = plan(header);

        assertThat(plan.count()).isEqualTo(5);
        assertThat(plan.content(0)).isEqualTo(ChunkContent.UNKNOWN);
        assertThat(plan.content(1)).isEqualTo(ChunkContent.UNKNOWN);
        assertThat(plan.content(2)).isEqualTo(new ChunkContent(PlaneLayout.of(Dtype.F32), 1200));
        assertThat(plan.content(3)).isEqualTo(new ChunkContent(PlaneLayout.of(Dtype.BF16), CHUNK / 2));
        assertThat(plan.content(4)).isEqualTo(new ChunkContent(PlaneLayout.of(Dtype.BF16), CHUNK / 2));
        assertThat(ChunkPlan.opaque(5).content(0)).isEqualTo(ChunkContent.UNKNOWN);
    }

    @Property(tries = 500)
    void every_plan_keeps_the_rules(@ForAll("files") List<Safetensors.Tensor> tensors) {
        SafetensorsHeader header = Tensors.header(tensors.toArray(Safetensors.Tensor[]::new));
        ChunkPlan plan = plan(header);
        long position = 0;
        for (int chunk = 0; chunk < plan.count(); chunk++) {
            assertThat(plan.begin(chunk)).isEqualTo(position);
            assertThat(plan.bytes(chunk)).isBetween(1, CHUNK);
            assertKeepsRules(header, position, position + plan.bytes(chunk));
            position += plan.bytes(chunk);
        }
        assertThat(position).isEqualTo(bytes(header));
    }

    private static void assertKeepsRules(SafetensorsHeader header, long begin, long end) {
        if (begin < header.headerBytes()) {
            assertThat(end).isLessThanOrEqualTo(header.headerBytes());
        }
        List<TensorEntry> inside = new ArrayList<>();
        for (TensorEntry tensor : header.tensors()) {
            if (tensor.bytes() > 0 && tensor.begin() < end && tensor.end() > begin) {
                inside.add(tensor);
                assertThat(tensor.bytes() >= CHUNK && tensor.begin() > begin).isFalse();
                assertThat(Math.max(0, begin - tensor.begin()) % tensor.dtype().bytes())
                        .isZero();
            }
        }
        boolean anyLarge = inside.stream().anyMatch(tensor -> tensor.bytes() >= 64 << 10);
        long dtypes = inside.stream().map(TensorEntry::dtype).distinct().count();
        assertThat(anyLarge && dtypes > 1).isFalse();
    }

    @Provide
    Arbitrary<List<Safetensors.Tensor>> files() {
        Arbitrary<Long> elements = Arbitraries.oneOf(
                Arbitraries.longs().between(0, 100),
                Arbitraries.longs().between(8_000, 70_000),
                Arbitraries.longs().between(500_000, 5_000_000));
        return Combinators.combine(Arbitraries.of(Dtype.class), elements)
                .as((dtype, count) -> tensor("t", dtype, count))
                .list()
                .ofMaxSize(12)
                .map(ChunkPlanTest::named);
    }

    private static List<Safetensors.Tensor> named(List<Safetensors.Tensor> tensors) {
        List<Safetensors.Tensor> named = new ArrayList<>();
        for (Safetensors.Tensor tensor : tensors) {
            named.add(new Safetensors.Tensor("t" + named.size(), tensor.dtype(), tensor.shape(), tensor.slice()));
        }
        return named;
    }

    private static List<Integer> dataChunks(Safetensors.Tensor... tensors) {
        return plan(Tensors.header(tensors)).lengths().stream().skip(1).toList();
    }

    private static ChunkPlan plan(SafetensorsHeader header) {
        return ChunkPlan.safetensors(header, bytes(header));
    }

    private static long bytes(SafetensorsHeader header) {
        return header.headerBytes()
                + header.tensors().stream().mapToLong(TensorEntry::bytes).sum();
    }
}
