package dev.moorage.coordinator.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.checkpoint.BufferPool;
import dev.moorage.checkpoint.Catalog;
import dev.moorage.checkpoint.Lanes;
import dev.moorage.checkpoint.ManifestLog;
import dev.moorage.checkpoint.ShardReader;
import dev.moorage.protocol.Attempt;
import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.SaveSpec;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorldSize;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.storage.MemoryStore;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class StoreAnswersTest {
    private static final CheckpointId CHECKPOINT = new CheckpointId(new JobName("wide"), new Step(5));

    private final MemoryStore memory = new MemoryStore();
    private final ManifestLog manifests = new ManifestLog(memory, () -> 0);
    private final Lanes lanes = new Lanes(1, "lane");
    private final ShardReader reader = new ShardReader(memory, new BufferPool(64 << 20), lanes);
    private final StoreAnswers answers = new StoreAnswers(manifests, new Catalog(manifests, reader));

    @AfterEach
    void close() {
        lanes.close();
    }

    /** Its part records are not on the store: whoever reads one is told NOT_FOUND or CORRUPT. */
    private void commit(int worldSize) {
        RankSet all = RankSet.parse("0-" + (worldSize - 1));
        Manifest manifest = new Manifest.Committed(
                new AttemptId(CHECKPOINT.job(), CHECKPOINT.step(), new Attempt(1)),
                new RunNumber(1),
                new SaveSpec(new WorldSize(worldSize), Codec.NONE, VerifyDepth.NONE, new TreeMap<>()),
                List.of(new PartRef(new PartNumber(0), 512, new Crc32c(1), all, RankSet.EMPTY)),
                900,
                450,
                new Epoch(1),
                Nonce.random(),
                0);
        manifests.close(manifest, Duration.ofSeconds(1));
    }

    @Test
    void more_shards_than_an_answer_takes_are_refused_before_a_part_record_is_read() {
        commit(10_001);
        assertThatThrownBy(() -> answers.get(CHECKPOINT, true, () -> {}))
                .isInstanceOfSatisfying(
                        CheckpointException.class,
                        refused -> assertThat(refused.kind()).isEqualTo(FailureKind.INVALID))
                .hasMessageContaining("10001 shards")
                .hasMessageContaining("ask without shards");

        assertThat(answers.get(CHECKPOINT, false, () -> {}).getWorldSize()).isEqualTo(10_001);
    }

    @Test
    void a_question_that_nobody_waits_for_any_more_reads_no_part_record() {
        commit(2);
        assertThatThrownBy(() -> answers.get(CHECKPOINT, true, () -> {
                    throw CheckpointException.unavailable("nobody waits any more");
                }))
                .hasMessageContaining("nobody waits");
    }
}
