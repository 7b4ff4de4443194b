package dev.moorage.checkpoint;

import static dev.moorage.checkpoint.Shelf.ATTEMPT;
import static dev.moorage.checkpoint.Shelf.CHUNK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Codec;
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
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.lifecycle.AfterProperty;
import net.jqwik.api.lifecycle.AfterTry;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;

/** Properties of what is written and read back: any bytes, any level, any chunk boundary, any damage. */
class ShardRoundTripTest {
    private final Shelf shelf = new Shelf();

    @AfterTry
    void reset() {
        shelf.store.reset();
    }

    @AfterProperty
    void close() {
        shelf.close();
    }

    @Property(tries = 60)
    void what_is_written_is_read_back(
            @ForAll long seed,
            @ForAll @IntRange(max = 5) int chunks,
            @ForAll @IntRange(min = -2, max = 2) int beyond,
            @ForAll @IntRange(max = 3) int level) {
        byte[] raw = Shelf.bytes(seed, Math.max(0, chunks * CHUNK / 2 + beyond));
        WrittenShard shard = shelf.write(level == 0 ? Codec.NONE : Codec.zstd(level), raw);

        assertThat(Arrays.equals(shelf.read(shard), raw)).isTrue();
        assertThat(shelf.buffers.available()).isEqualTo(shelf.buffers.capacity());
    }

    @Property(tries = 50)
    void any_range_is_that_range(
            @ForAll long seed,
            @ForAll @LongRange(max = 3L * 4 * 1024 * 1024) long position,
            @ForAll @IntRange(max = 9_000_000) int length,
            @ForAll boolean compressed) {
        byte[] raw = Shelf.bytes(7, 3 * CHUNK + 12_345);
        WrittenShard shard = shelf.write(compressed ? Codec.zstd(1) : Codec.NONE, raw);
        int count = (int) Math.min(length, raw.length - position);

        assertThat(Arrays.equals(
                        shelf.range(shard, position, count),
                        Arrays.copyOfRange(raw, (int) position, (int) position + count)))
                .isTrue();
    }

    @Property(tries = 120)
    void a_single_flipped_bit_anywhere_is_refused_and_named(
            @ForAll long seed, @ForAll @LongRange(max = 1_000_000_007) long where, @ForAll boolean compressed)
            throws IOException {
        byte[] raw = Shelf.bytes(seed, CHUNK + 70_000);
        WrittenShard shard = shelf.write(compressed ? Codec.zstd(1) : Codec.NONE, raw);
        byte[] content = shelf.content(shard);
        int bit = (int) Math.floorMod(where * 31 + seed, content.length * 8L);
        content[bit / 8] ^= (byte) (1 << bit % 8);
        shelf.store.replace(Shelf.key(shard), content);
        String damaged = partAt(shard, bit / 8);

        assertCorrupt(() -> shelf.read(shard), damaged);
        assertThat(findings(shard)).singleElement().satisfies(finding -> {
            assertThat(finding.result()).isEqualTo(VerdictResult.CORRUPT);
            assertThat(finding.message()).contains("rank 3", Shelf.key(shard), damaged, "expected");
        });
    }

    @Property(tries = 60)
    void a_shard_of_another_length_is_refused(
            @ForAll long seed, @ForAll @LongRange(max = 1_000_000_007) long where, @ForAll boolean compressed)
            throws IOException {
        byte[] raw = Shelf.bytes(seed, CHUNK + 70_000);
        WrittenShard shard = shelf.write(compressed ? Codec.zstd(1) : Codec.NONE, raw);
        byte[] content = shelf.content(shard);
        int length = (int) (where % content.length);
        shelf.store.replace(Shelf.key(shard), Arrays.copyOf(content, length));

        assertCorrupt(() -> shelf.read(shard), partAt(shard, length));
        assertThat(findings(shard)).isNotEmpty();

        shelf.store.replace(Shelf.key(shard), Arrays.copyOf(content, content.length + 1));
        assertCorrupt(() -> shelf.read(shard), "expected " + content.length);
    }

    @Property(tries = 60)
    void a_flip_on_the_way_is_read_again(@ForAll long seed, @ForAll @IntRange(max = 70_000) int where) {
        byte[] raw = Shelf.bytes(seed, 70_001);
        WrittenShard shard = shelf.write(Codec.NONE, raw);
        boolean[] flipped = {false};
        shelf.store.afterRead = (key, position, read) -> {
            if (!flipped[0]) {
                read.put(where, (byte) (read.get(where) ^ 1));
                flipped[0] = true;
            }
        };

        assertThat(Arrays.equals(shelf.read(shard), raw)).isTrue();
        assertThat(flipped[0]).isTrue();
    }

    @Property(tries = 40)
    void a_hostile_chunk_table_never_yields_wrong_bytes(
            @ForAll long seed, @ForAll @IntRange(min = 1, max = 60_000) int less) {
        byte[] raw = Shelf.bytes(seed, 70_000);
        WrittenShard shard = shelf.write(Codec.zstd(1), raw);
        ChunkEntry entry = shard.detail().chunks().chunks().get(0);
        ChunkEntry shorter = new ChunkEntry(
                entry.rawBytes() - less, entry.storedBytes(), entry.rawCrc(), entry.storedCrc(), entry.coding());
        ChunkTable table = new ChunkTable(
                List.of(shorter),
                shard.detail().chunks().trailerBytes(),
                shard.detail().chunks().trailerCrc());
        WrittenShard lying = new WrittenShard(
                new dev.moorage.protocol.record.StoredShard(
                        shard.stored().shard(),
                        shard.stored().format(),
                        shard.stored().uploadId(),
                        shard.stored().codec(),
                        shorter.rawBytes(),
                        shard.stored().storedBytes(),
                        table.rawCrc(),
                        shard.stored().storedCrc()),
                new ShardDetail(List.of(), table));

        assertCorrupt(() -> shelf.read(lying), "chunk 0");
    }

    private List<Finding> findings(WrittenShard shard) {
        return shelf.reader()
                .verify(ATTEMPT, shard.stored(), Optional.of(shard.detail()), VerifyDepth.FULL, 0, Progress.NONE);
    }

    private static String partAt(WrittenShard shard, int position) {
        long end = 0;
        List<ChunkEntry> chunks = shard.detail().chunks().chunks();
        for (int i = 0; i < chunks.size(); i++) {
            end += chunks.get(i).storedBytes();
            if (position < end) {
                return "chunk " + i;
            }
        }
        return "trailer";
    }

    private static void assertCorrupt(ThrowingCallable read, String part) {
        assertThatThrownBy(read)
                .isInstanceOfSatisfying(
                        CheckpointException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(FailureKind.CORRUPT))
                .hasMessageContaining("rank 3")
                .hasMessageContaining(part)
                .hasMessageContaining("expected");
    }

    @Property(tries = 5)
    void an_empty_shard_is_a_shard(@ForAll boolean compressed) throws IOException {
        WrittenShard shard = shelf.write(compressed ? Codec.zstd(3) : Codec.NONE, ShardFormat.OPAQUE, new byte[0]);

        assertThat(shelf.read(shard)).isEmpty();
        assertThat(shelf.content(shard)).hasSize(compressed ? 17 : 0);
        assertThat(ByteBuffer.wrap(shelf.range(shard, 0, 0)).hasRemaining()).isFalse();
        assertThat(findings(shard)).isEmpty();
    }
}
