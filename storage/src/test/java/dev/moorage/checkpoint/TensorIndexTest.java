package dev.moorage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Dtype;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.record.PartRef;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class TensorIndexTest {
    private static final Duration DEADLINE = Duration.ofSeconds(10);
    private static final int RANKS = 4;

    private final Shelf shelf = new Shelf();
    private final TensorIndex index = new TensorIndex(shelf.store);

    @AfterEach
    void close() {
        shelf.close();
    }

    /** Rank r has "everywhere", "of-rank-r", and "even" if r is even. */
    private SavedCheckpoint saved() {
        List<byte[]> files = new ArrayList<>();
        for (int rank = 0; rank < RANKS; rank++) {
            List<Safetensors.Tensor> tensors = new ArrayList<>();
            tensors.add(Tensors.tensor("everywhere", Dtype.F32, 10));
            tensors.add(Tensors.tensor("of-rank-" + rank, Dtype.F32, 3));
            if (rank % 2 == 0) {
                tensors.add(Tensors.tensor("even", Dtype.I64, 2, 2));
            }
            files.add(Tensors.file(rank, tensors));
        }
        return SavedCheckpoint.of(shelf, ShardFormat.SAFETENSORS, files);
    }

    private List<Integer> parts(SavedCheckpoint saved, String tensor) {
        Optional<List<PartRef>> found = index.partsWith(saved.manifest(), tensor);
        return found.map(
                        parts -> parts.stream().map(part -> part.part().value()).toList())
                .orElse(null);
    }

    @Test
    void tells_the_parts_of_each_tensor() {
        SavedCheckpoint saved = saved();
        assertThat(index.write(saved.manifest(), DEADLINE)).isTrue();
        assertThat(parts(saved, "everywhere")).containsExactly(0, 1, 2, 3);
        assertThat(parts(saved, "even")).containsExactly(0, 2);
        assertThat(parts(saved, "of-rank-3")).containsExactly(3);
    }

    @Test
    void a_name_that_it_does_not_have_is_looked_for_everywhere() {
        SavedCheckpoint saved = saved();
        index.write(saved.manifest(), DEADLINE);
        assertThat(index.partsWith(saved.manifest(), "of-rank-9")).isEmpty();
    }

    @Test
    void without_an_index_nothing_is_known() {
        assertThat(index.partsWith(saved().manifest(), "even")).isEmpty();
    }

    @Test
    void a_damaged_index_is_as_good_as_none_and_a_silent_store_is_an_error() throws IOException {
        SavedCheckpoint saved = saved();
        index.write(saved.manifest(), DEADLINE);
        String key = Layout.tensors(saved.manifest().attempt());
        byte[] damaged = shelf.store.content(key);
        damaged[damaged.length - 1] ^= 1;
        shelf.store.replace(key, damaged);
        assertThat(index.partsWith(saved.manifest(), "even")).isEmpty();
        shelf.store.afterRead = (read, position, bytes) -> {
            throw new IOException("no answer");
        };
        assertThatThrownBy(() -> index.partsWith(saved.manifest(), "even"))
                .isInstanceOfSatisfying(
                        CheckpointException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(FailureKind.UNAVAILABLE));
    }

    @Test
    void writing_it_again_changes_nothing() throws IOException {
        SavedCheckpoint saved = saved();
        index.write(saved.manifest(), DEADLINE);
        byte[] before = shelf.store.content(Layout.tensors(saved.manifest().attempt()));
        assertThat(index.write(saved.manifest(), DEADLINE)).isTrue();
        assertThat(shelf.store.content(Layout.tensors(saved.manifest().attempt())))
                .isEqualTo(before);
    }

    @Test
    void opaque_shards_need_none() throws IOException {
        SavedCheckpoint saved = SavedCheckpoint.of(shelf, List.of(Shelf.bytes(1, 100)));
        assertThat(index.write(saved.manifest(), DEADLINE)).isFalse();
        assertThat(shelf.store.keys())
                .doesNotContain(Layout.tensors(saved.manifest().attempt()));
    }

    @Test
    void an_index_of_another_checkpoint_is_refused() {
        ByteBuffer other = Samples.tensorIndex().bytes();
        assertThatThrownBy(() -> TensorIndexCodec.parts(Shelf.ATTEMPT, other, "layer.0.weight"))
                .isInstanceOfSatisfying(
                        CheckpointException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(FailureKind.CORRUPT))
                .hasMessageContaining("this is the tensor index of");
    }

    @Test
    void an_index_of_parts_that_the_manifest_lacks_is_as_good_as_none() {
        SavedCheckpoint saved = saved();
        ByteBuffer wrong = TensorIndexCodec.encode(
                        saved.manifest().attempt(), new TreeMap<>(Map.of("even", PartRanges.of(700))))
                .orElseThrow();
        byte[] bytes = new byte[wrong.remaining()];
        wrong.get(bytes);
        shelf.store.replace(Layout.tensors(saved.manifest().attempt()), bytes);
        index.write(saved.manifest(), DEADLINE);
        assertThat(index.partsWith(saved.manifest(), "even")).isEmpty();
    }

    @Test
    void names_of_one_high_part_each_take_a_few_bytes_each() {
        Map<String, PartRanges> many = new TreeMap<>();
        for (int i = 0; i < 100_000; i++) {
            many.put("layer." + i + ".weight", PartRanges.of(12_000 + i / 8));
        }
        assertThat(TensorIndexCodec.encode(Shelf.ATTEMPT, many).orElseThrow().remaining())
                .isLessThan(4 << 20);
    }

    @Test
    void an_index_that_would_be_too_long_is_not_made() {
        Map<String, PartRanges> many = new TreeMap<>();
        for (int i = 0; i < 70; i++) {
            many.put(i + "x".repeat(1 << 20), PartRanges.of(i));
        }
        assertThat(TensorIndexCodec.encode(Shelf.ATTEMPT, many)).isEmpty();
    }
}
