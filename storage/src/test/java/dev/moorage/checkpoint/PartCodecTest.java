package dev.moorage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.Dtype;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.v1.PartHeaderRecord;
import dev.moorage.protocol.v1.SectionRecord;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class PartCodecTest {
    private static final int HEADER = 20;
    private final ByteBuffer object = PartCodec.encode(Samples.partRecord());

    @Test
    void the_head_names_the_object_as_it_was_read() {
        PartHead head = PartCodec.head(Samples.ATTEMPT, new PartNumber(0), object);
        assertThat(head.header()).isEqualTo(Samples.partRecord().header());
        assertThat(head.ref().bytes()).isEqualTo(object.remaining());
        assertThat(head.ref().crc()).isEqualTo(Crc32c.of(object));
        assertThat(head.ref().own()).isEqualTo(RankSet.parse("0"));
        assertThat(head.ref().replicated()).isEqualTo(RankSet.parse("0"));
        assertThat(head.rawBytes()).isEqualTo(364);
        assertThat(head.storedBytes()).isEqualTo(321);
    }

    @Test
    void lying_header_lengths_are_refused_before_anything_is_made_of_them() {
        for (int length : new int[] {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, object.remaining(), 1 << 21}) {
            ByteBuffer lying = little(object).putInt(12, length);
            assertCorrupt(lying).hasMessageContaining("bytes of the header");
        }
    }

    @Test
    void lying_section_lengths_are_refused_even_with_right_sums() {
        for (long length : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 1L << 32, object.remaining()}) {
            assertCorrupt(changed(header -> header.getShardsBuilder(0)
                            .setTensorIndex(SectionRecord.newBuilder().setBytes(length))))
                    .hasMessageContaining("section 0");
        }
        assertCorrupt(changed(PartHeaderRecord.Builder::clearShards)).hasMessageContaining("the sections end at");
    }

    @Test
    void a_header_that_states_impossible_sizes_names_or_kinds_is_refused() {
        assertCorrupt(changed(header -> header.getShardsBuilder(0).setRawBytes(-1)));
        assertCorrupt(changed(header -> header.getShardsBuilder(0).setRawBytes(301)))
                .hasMessageContaining("raw bytes 301, but its chunks add up to 300");
        assertCorrupt(changed(header -> header.getShardsBuilder(0).setStoredCrc32C(1)))
                .hasMessageContaining("sum of stored bytes");
        assertCorrupt(changed(header -> header.getShardsBuilder(0).setKindValue(9)));
        assertCorrupt(changed(header -> header.getShardsBuilder(0).clearFormat()));
        assertCorrupt(changed(header -> header.getShardsBuilder(0).setCodec("zstd:99")));
        assertCorrupt(changed(header -> header.getShardsBuilder(0).setRank(-5)));
        assertCorrupt(changed(header -> header.getShardsBuilder(0).setUploadId("../../etc")));
        assertCorrupt(changed(header -> header.getShardsBuilder(1).setKindValue(1)))
                .hasMessageContaining("not after");
        assertCorrupt(changed(header -> header.setJob("../x")));
        assertCorrupt(changed(header -> header.setStep(1)));
    }

    @Test
    void sizes_that_overflow_are_refused() {
        assertCorrupt(changed(header -> {
            header.getShardsBuilder(0).setRawBytes(Long.MAX_VALUE);
            header.getShardsBuilder(1).setRawBytes(Long.MAX_VALUE);
        }));
    }

    @Test
    void a_section_of_empty_messages_ends_at_its_first() {
        byte[] empties = new byte[1 << 20];
        for (int i = 0; i < empties.length; i += 2) {
            empties[i] = 0x0a;
        }
        assertThatThrownBy(() -> PartRecords.table(ByteBuffer.wrap(empties))).isInstanceOf(CheckpointException.class);
        assertThatThrownBy(() -> PartRecords.tensors(ByteBuffer.wrap(empties))).isInstanceOf(CheckpointException.class);
    }

    @Test
    void a_tensor_outside_of_its_shard_or_with_a_wrong_length_cannot_be_stated() {
        ChunkTable chunks = Samples.partRecord().details().get(0).chunks();
        assertThatThrownBy(() -> new ShardDetail(List.of(tensor(List.of(100L), 201, 100)), chunks))
                .hasMessageContaining("ends at 301 of 300 bytes");
        assertThatThrownBy(() -> tensor(List.of(3L), 0, 100)).hasMessageContaining("has 3 bytes, not 100");
        assertThatThrownBy(() -> tensor(List.of(1L << 62, 1L << 62), 0, 0)).hasMessageContaining("too large");
        assertThatThrownBy(() -> tensor(List.of(100L), Long.MAX_VALUE, 100)).hasMessageContaining("too large");
        assertThatThrownBy(() -> tensor(List.of(-1L), 0, -1)).isInstanceOf(CheckpointException.class);
    }

    private static TensorEntry tensor(List<Long> shape, long begin, long bytes) {
        return new TensorEntry("t", Dtype.U8, shape, begin, bytes, Optional.empty());
    }

    private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> assertCorrupt(
            ByteBuffer object) {
        return assertThatThrownBy(() -> PartCodec.decode(Samples.ATTEMPT, new PartNumber(0), object))
                .isInstanceOfSatisfying(
                        CheckpointException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(FailureKind.CORRUPT))
                .hasMessageContaining("parts/000000.pb");
    }

    /** The same sections under another header, with its right length and sum. */
    private ByteBuffer changed(Consumer<PartHeaderRecord.Builder> change) {
        ByteBuffer old = little(object);
        int headerBytes = old.getInt(12);
        PartHeaderRecord.Builder header;
        try {
            header = PartHeaderRecord.parseFrom(old.slice(HEADER, headerBytes)).toBuilder();
        } catch (com.google.protobuf.InvalidProtocolBufferException impossible) {
            throw new AssertionError(impossible);
        }
        change.accept(header);
        byte[] bytes = header.build().toByteArray();
        ByteBuffer sections = old.slice(HEADER + headerBytes, old.remaining() - HEADER - headerBytes);
        return ByteBuffer.allocate(HEADER + bytes.length + sections.remaining())
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(old.slice(0, 12))
                .putInt(bytes.length)
                .putInt(Crc32c.of(ByteBuffer.wrap(bytes)).value())
                .put(bytes)
                .put(sections)
                .flip();
    }

    private static ByteBuffer little(ByteBuffer object) {
        return ByteBuffer.allocate(object.remaining())
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(object.duplicate())
                .flip();
    }
}
