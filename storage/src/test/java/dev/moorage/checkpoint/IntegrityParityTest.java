package dev.moorage.checkpoint;

import static dev.moorage.checkpoint.Shelf.CHUNK;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.record.StoredShard;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** What a release of another system offers for integrity, line by line of the README's table. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class IntegrityParityTest {
    private static final Crc32c WRONG = new Crc32c(0x0BAD_5EED);

    private final Shelf shelf = new Shelf(3, 2);
    private final SavedCheckpoint saved = SavedCheckpoint.of(
            shelf,
            IntStream.range(0, 6)
                    .mapToObj(rank -> Shelf.bytes(rank, CHUNK + 1000 * rank))
                    .toList());
    private final VerifiedReads reads = new VerifiedReads(shelf.store, shelf.buffers, shelf.lanes);
    private final ListAppender<ILoggingEvent> audit = new ListAppender<>();

    @BeforeEach
    void listen() {
        audit.start();
        ((Logger) LoggerFactory.getLogger("moorage.audit")).addAppender(audit);
    }

    @AfterEach
    void close() {
        ((Logger) LoggerFactory.getLogger("moorage.audit")).detachAppender(audit);
        assertThat(shelf.buffers.available()).isEqualTo(shelf.buffers.capacity());
        shelf.close();
    }

    @Test
    void object_store_get_with_validation() throws IOException {
        String key = Shelf.key(saved.shards().get(0));
        Crc32c sum = Crc32c.of(ByteBuffer.wrap(shelf.content(saved.shards().get(0))));

        assertThat(reads.get(key, Optional.of(sum)).array())
                .isEqualTo(shelf.content(saved.shards().get(0)));
        assertThat(reads.get(key, Optional.empty()).remaining()).isPositive();
        assertKind(FailureKind.CORRUPT, () -> reads.get(key, Optional.of(WRONG)), key, sum.toString(), "0bad5eed");
        assertKind(FailureKind.NOT_FOUND, () -> reads.get("llama/nothing", Optional.empty()), "llama/nothing");
        assertKind(FailureKind.INVALID, () -> reads.get("../etc/passwd", Optional.empty()), "../etc/passwd");
        assertThat(lines())
                .satisfiesExactly(
                        line -> assertThat(line)
                                .contains("verified=object", key, "expected=" + sum, "actual=" + sum, "GOOD"),
                        line -> assertThat(line).contains("SKIPPED"),
                        line -> assertThat(line).contains("CORRUPT", sum.toString(), "0bad5eed"));
    }

    @Test
    void object_store_get_range_with_validation() throws IOException {
        WrittenShard shard = saved.shards().get(1);
        byte[] part = Arrays.copyOfRange(shelf.content(shard), 100, 5100);
        Optional<Crc32c> sum = Optional.of(Crc32c.of(ByteBuffer.wrap(part)));
        String key = Shelf.key(shard);

        assertThat(reads.getRange(key, 100, OptionalLong.of(5000), sum).array()).isEqualTo(part);
        assertThat(reads.getRange(key, 100, OptionalLong.empty(), Optional.empty())
                        .remaining())
                .isEqualTo(shelf.content(shard).length - 100);
        assertKind(FailureKind.CORRUPT, () -> reads.getRange(key, 101, OptionalLong.of(5000), sum), key);
        assertKind(
                FailureKind.INVALID,
                () -> reads.getRange(key, 0, OptionalLong.of(Integer.MAX_VALUE), Optional.empty()),
                "there are no");
    }

    @Test
    void load_checkpoint_with_validation() {
        LoadedCheckpoint loaded = reads.loadCheckpoint("#llama/7", Optional.empty());

        assertThat(loaded.shards()).hasSize(6);
        assertThat(loaded.shards().get(ShardId.own(2)))
                .isEqualTo(ByteBuffer.wrap(saved.raw().get(2)));
        assertThat(reads.loadCheckpoint("#llama/latest", Optional.of(loaded.crc())))
                .isEqualTo(loaded);
        assertKind(
                FailureKind.CORRUPT,
                () -> reads.loadCheckpoint("#llama/7", Optional.of(WRONG)),
                loaded.crc().toString(),
                "0bad5eed");
        assertKind(FailureKind.NOT_FOUND, () -> reads.loadCheckpoint("#llama/8", Optional.empty()), "step 8");
        assertKind(FailureKind.INVALID, () -> reads.loadCheckpoint("llama", Optional.empty()), "STORE#JOB/STEP");
    }

    @Test
    void shards_by_key_by_rank_and_all() {
        byte[] raw = new byte[saved.raw().get(4).length];
        StoredShard shard = saved.shards().get(4).stored();

        reads.readShard(saved.manifest(), Layout.shard(Shelf.ATTEMPT, shard), Optional.of(shard.rawCrc()), memory(raw));
        assertThat(raw).isEqualTo(saved.raw().get(4));
        Arrays.fill(raw, (byte) 0);
        assertThat(reads.readShardByRank(saved.manifest(), new Rank(4), memory(raw)))
                .isEqualTo(shard);
        assertThat(raw).isEqualTo(saved.raw().get(4));
        assertAllShards(1);
        assertThat(lines()).hasSize(8).allMatch(line -> line.contains("result=GOOD"));
        assertKind(
                FailureKind.NOT_FOUND,
                () -> reads.readShardByRank(saved.manifest(), new Rank(6), memory(raw)),
                "no shard of rank 6");
        assertKind(
                FailureKind.NOT_FOUND,
                () -> reads.readShard(saved.manifest(), "llama/x", Optional.empty(), memory(raw)),
                "llama/x");
        assertKind(
                FailureKind.CORRUPT,
                () -> reads.readShard(
                        saved.manifest(), Layout.shard(Shelf.ATTEMPT, shard), Optional.of(WRONG), memory(raw)),
                "rank 4",
                "0bad5eed");
    }

    @Test
    void concurrent_shards_with_validation() {
        assertAllShards(3);
        assertAllShards(50);
    }

    @Test
    void corruption_is_detected_at_once_and_named() throws IOException {
        WrittenShard shard = saved.shards().get(3);
        byte[] content = shelf.content(shard);
        content[content.length / 2] ^= 1;
        shelf.store.replace(Shelf.key(shard), content);

        assertKind(FailureKind.CORRUPT, () -> assertAllShards(1), "rank 3", "chunk 0", Shelf.key(shard), "expected");
        assertKind(FailureKind.CORRUPT, () -> assertAllShards(4), "rank 3", "chunk 0");
        assertKind(FailureKind.CORRUPT, () -> reads.loadCheckpoint("#llama/7", Optional.empty()), "rank 3");
        assertThat(reads.validateCheckpoint(saved.manifest(), 3))
                .singleElement()
                .satisfies(finding -> {
                    assertThat(finding.shard()).isEqualTo(ShardId.own(3));
                    assertThat(finding.result()).isEqualTo(VerdictResult.CORRUPT);
                    assertThat(finding.chunk()).hasValue(0);
                });
    }

    @Test
    void a_whole_checkpoint_is_validated_and_an_error_is_never_a_plain_no() {
        assertThat(reads.validateCheckpoint(saved.manifest(), 2)).isEmpty();

        shelf.store.afterRead = (key, position, read) -> {
            if (key.contains("rank-000002")) {
                throw new IOException("503");
            }
        };
        assertThat(reads.validateCheckpoint(saved.manifest(), 2)).isNotEmpty().allSatisfy(finding -> {
            assertThat(finding.shard()).isEqualTo(ShardId.own(2));
            assertThat(finding.result()).isEqualTo(VerdictResult.INCOMPLETE);
        });
    }

    @Test
    void a_deleted_shard_and_a_damaged_part_record_are_found() throws IOException {
        shelf.store.delete(Shelf.key(saved.shards().get(1)));
        String part = Layout.part(Shelf.ATTEMPT, saved.manifest().parts().get(5).part());
        byte[] record = shelf.store.content(part);
        record[record.length / 2] ^= 1;
        shelf.store.replace(part, record);

        assertThat(reads.validateCheckpoint(saved.manifest(), 1))
                .satisfiesExactly(
                        finding -> assertThat(finding.message()).contains("rank 1", "the shard was deleted"),
                        finding -> assertThat(finding.shard()).isEqualTo(ShardId.own(5)));
    }

    @Test
    void validation_is_switched_off_by_name_only() throws IOException {
        WrittenShard shard = saved.shards().get(0);
        byte[] content = shelf.content(shard);
        content[content.length - 1] ^= 1;
        shelf.store.replace(Shelf.key(shard), content);
        byte[] raw = new byte[saved.raw().get(0).length];

        assertKind(
                FailureKind.CORRUPT,
                () -> reads.readShardByRank(saved.manifest(), new Rank(0), memory(raw)),
                "trailer");
        reads.withoutValidation().readShardByRank(saved.manifest(), new Rank(0), memory(raw));
        assertThat(raw).isEqualTo(saved.raw().get(0));
        assertThat(reads.withoutValidation()
                        .get(Shelf.key(shard), Optional.of(WRONG))
                        .remaining())
                .isEqualTo(content.length);
        assertThat(lines()).last().asString().contains("SKIPPED");
    }

    @Test
    void a_large_shard_takes_no_more_memory_than_the_pool() {
        long bytes = 512L << 20;
        WrittenShard shard = GeneratedShard.write(shelf, bytes);

        shelf.reader()
                .readAll(Shelf.ATTEMPT, shard.stored(), shard.detail(), new GeneratedShard.Comparing(), Progress.NONE);

        assertThat(shard.stored().rawBytes()).isEqualTo(bytes);
        assertThat(shelf.buffers.capacity()).isEqualTo(3);
    }

    private void assertAllShards(int atOnce) {
        Map<ShardId, byte[]> contents = new ConcurrentHashMap<>();
        List<StoredShard> shards = reads.readAllShardsConcurrently(
                saved.manifest(),
                shard -> memory(contents.computeIfAbsent(shard.shard(), id -> new byte[(int) shard.rawBytes()])),
                atOnce);
        assertThat(shards).extracting(StoredShard::shard).isSorted().hasSize(6);
        for (int rank = 0; rank < 6; rank++) {
            assertThat(Arrays.equals(
                            contents.get(ShardId.own(rank)), saved.raw().get(rank)))
                    .isTrue();
        }
    }

    private List<String> lines() {
        return new ArrayList<>(audit.list)
                .stream().map(ILoggingEvent::getFormattedMessage).toList();
    }

    private static ShardTarget memory(byte[] content) {
        return new MemoryTarget(ByteBuffer.wrap(content));
    }

    private static void assertKind(FailureKind kind, ThrowingCallable call, String... parts) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        CheckpointException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(kind))
                .hasMessageContainingAll(parts);
    }
}
