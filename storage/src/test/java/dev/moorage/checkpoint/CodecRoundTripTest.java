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
import dev.moorage.protocol.VerifyDepth;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.function.Consumer;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.AfterTry;

/** A model of all types through writer and reader, by every codec: whole, by range, by tensor, and damaged. */
class CodecRoundTripTest {
    private static final List<Codec> CODECS = Stream.of("none", "zstd", "zstd:1", "planes", "auto")
            .map(Codec::parse)
            .toList();

    private final Shelf shelf = new Shelf();
    private final byte[] model = model();

    @AfterTry
    void reset() {
        shelf.store.reset();
    }

    @AfterProperty
    void close() {
        shelf.close();
    }

    @Property(tries = 5)
    void a_model_comes_back_whole_and_verified(@ForAll @IntRange(max = 4) int codec) {
        WrittenShard shard = shelf.write(CODECS.get(codec), ShardFormat.SAFETENSORS, model);

        assertThat(Arrays.equals(shelf.read(shard), model)).isTrue();
        assertThat(shelf.reader()
                        .verify(
                                ATTEMPT,
                                shard.stored(),
                                Optional.of(shard.detail()),
                                VerifyDepth.FULL,
                                0,
                                Progress.NONE))
                .isEmpty();
        assertThat(shelf.buffers.available()).isEqualTo(shelf.buffers.capacity());
    }

    @Property(tries = 40)
    void any_range_and_any_tensor_come_back(
            @ForAll @IntRange(max = 4) int codec,
            @ForAll @IntRange(max = 1_000_000_000) int where,
            @ForAll @IntRange(max = 3_000_000) int length) {
        WrittenShard shard = shelf.write(CODECS.get(codec), ShardFormat.SAFETENSORS, model);
        int at = where % model.length;
        int bytes = Math.min(length, model.length - at);
        TensorEntry tensor =
                shard.detail().tensors().get(where % shard.detail().tensors().size());
        byte[] read = new byte[(int) tensor.bytes()];
        shelf.reader()
                .readTensor(ATTEMPT, shard.stored(), shard.detail(), tensor, new MemoryTarget(ByteBuffer.wrap(read)));

        assertThat(Arrays.equals(shelf.range(shard, at, bytes), Arrays.copyOfRange(model, at, at + bytes)))
                .isTrue();
        assertThat(Arrays.equals(read, Arrays.copyOfRange(model, (int) tensor.begin(), (int) tensor.end())))
                .isTrue();
    }

    @Property(tries = 60)
    void a_flipped_bit_is_refused(
            @ForAll @IntRange(min = 3, max = 4) int codec, @ForAll @IntRange(max = 1_000_000_000) int where)
            throws IOException {
        WrittenShard shard = shelf.write(CODECS.get(codec), ShardFormat.SAFETENSORS, model);
        byte[] content = shelf.content(shard);
        content[where % content.length] ^= 4;
        shelf.store.replace(Shelf.key(shard), content);

        assertThatThrownBy(() -> shelf.read(shard))
                .isInstanceOfSatisfying(
                        CheckpointException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(FailureKind.CORRUPT))
                .hasMessageContaining("chunk");
    }

    /** The sums of the stored bytes hold, so it is the decoder that has to refuse, or the sum of the raw bytes. */
    @Property(tries = 200)
    void a_hostile_writer_gets_nothing_through_the_decoder(
            @ForAll @IntRange(max = 300_000) int where,
            @ForAll @IntRange(min = 1, max = 255) int flip,
            @ForAll boolean head)
            throws IOException {
        byte[] raw = new byte[200_000];
        Fill.f32(new Random(1)).accept(ByteBuffer.wrap(raw).order(ByteOrder.LITTLE_ENDIAN));
        ByteBuffer file = Safetensors.header(List.of(Tensors.tensor("w", Dtype.F32, 50_000)), Map.of());
        byte[] small = ByteBuffer.allocate(file.remaining() + raw.length)
                .put(file)
                .put(raw)
                .array();
        WrittenShard shard = shelf.write(Codec.PLANES, ShardFormat.SAFETENSORS, small);
        byte[] content = shelf.content(shard);
        List<ChunkEntry> chunks = new ArrayList<>(shard.detail().chunks().chunks());
        int begin = chunks.get(0).storedBytes();
        ChunkEntry last = chunks.get(1);
        assertThat(last.coding()).isEqualTo(ChunkEntry.Coding.PLANES);
        content[begin + where % (head ? 20 : last.storedBytes())] ^= (byte) flip;
        shelf.store.replace(Shelf.key(shard), content);

        assertThatThrownBy(() -> shelf.read(Forged.withSumsOf(shard, content)))
                .isInstanceOfSatisfying(
                        CheckpointException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(FailureKind.CORRUPT))
                .hasMessageContaining("chunk 1");
    }

    @Property(tries = 1)
    void planes_are_used_for_one_type_of_2_4_or_8_bytes_only() {
        WrittenShard shard = shelf.write(Codec.PLANES, ShardFormat.SAFETENSORS, model);
        List<TensorEntry> tensors = shard.detail().tensors();
        long at = 0;
        for (ChunkEntry chunk : shard.detail().chunks().chunks()) {
            long begin = at;
            long end = at + chunk.rawBytes();
            List<TensorEntry> inside = tensors.stream()
                    .filter(tensor -> tensor.bytes() > 0 && tensor.begin() < end && tensor.end() > begin)
                    .toList();
            boolean splits = inside.stream().map(TensorEntry::dtype).distinct().count() == 1
                    && PlaneLayout.of(inside.get(0).dtype()).isPresent();
            assertThat(chunk.coding() == ChunkEntry.Coding.PLANES).isEqualTo(splits);
            at = end;
        }
        assertThat(Shelf.key(shard)).endsWith(".safetensors.moor");
        assertThat(shard.detail().chunks().trailerBytes()).isZero();
    }

    private static byte[] model() {
        Random random = new Random(3);
        List<Safetensors.Tensor> tensors = new ArrayList<>();
        List<Consumer<ByteBuffer>> fills = new ArrayList<>();
        add(tensors, fills, Tensors.tensor("ids", Dtype.I64, 512), Fill.noise(random));
        add(tensors, fills, Tensors.tensor("scale", Dtype.F32, 3, 7), Fill.f32(random));
        add(tensors, fills, Tensors.tensor("double", Dtype.F64, 10_001), Fill.f64(random));
        add(tensors, fills, Tensors.tensor("half", Dtype.F16, 70_001), Fill.bf16(random));
        add(tensors, fills, Tensors.tensor("mask", Dtype.BOOL, 100_003), Fill.zeros());
        add(tensors, fills, Tensors.tensor("f8", Dtype.F8_E4M3, 100_003), Fill.f8(random));
        add(tensors, fills, Tensors.tensor("embedding", Dtype.BF16, 3_001, 1_000), Fill.bf16(random));
        add(tensors, fills, Tensors.tensor("rounded", Dtype.F32, 1_000, 300), Fill.rounded(random));
        add(tensors, fills, Tensors.tensor("rows", Dtype.F32, 300, 4096), Fill.rows(random, 9, 4 * 4096));
        add(tensors, fills, Tensors.tensor("noise", Dtype.I32, CHUNK / 8), Fill.noise(random));
        add(tensors, fills, Tensors.tensor("none", Dtype.F32, 0, 5), Fill.zeros());
        ByteBuffer header = Safetensors.header(tensors, Map.of());
        int bytes = header.remaining()
                + tensors.stream().mapToInt(tensor -> (int) tensor.bytes()).sum();
        ByteBuffer file =
                ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN).put(header);
        for (int i = 0; i < fills.size(); i++) {
            fills.get(i)
                    .accept(file.limit(file.position() + (int) tensors.get(i).bytes()));
        }
        return file.array();
    }

    private static void add(
            List<Safetensors.Tensor> tensors,
            List<Consumer<ByteBuffer>> fills,
            Safetensors.Tensor tensor,
            Consumer<ByteBuffer> fill) {
        tensors.add(tensor);
        fills.add(fill);
    }
}
