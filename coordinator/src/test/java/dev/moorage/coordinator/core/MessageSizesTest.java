package dev.moorage.coordinator.core;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.CheckpointState;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerificationStatus;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ClusterMessage;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.record.Finding;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.PlannedPart;
import dev.moorage.protocol.record.PlannedShard;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.serialization.SerializationExtension;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** A job of 100,000 ranks, 10,000 of them on one worker: every message that a coordinator sends fits into a frame. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class MessageSizesTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final int FRAME_MAX = 128 * 1024;
    private static final int RANKS = 100_000;
    private static final int ON_ONE_WORKER = 10_000;
    private static final CheckpointId ID = new CheckpointId(new JobName("j".repeat(63)), new Step(Long.MAX_VALUE));
    private static final Epoch EPOCH = new Epoch(Long.MAX_VALUE);
    private static final RunNumber RUN = new RunNumber(Long.MAX_VALUE);

    /** As many ranges as there can be, each with two numbers of full length. */
    private static final RankSet SCATTERED = RankSet.of(IntStream.range(RANKS / 2, RANKS)
            .filter(rank -> rank % 3 != 0)
            .mapToObj(Rank::new)
            .toList());

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    private static void assertFits(ClusterMessage message) {
        byte[] frame =
                SerializationExtension.get(KIT.system()).serialize(message).get();
        assertThat(frame.length).as(message.getClass().getSimpleName()).isLessThanOrEqualTo(FRAME_MAX);
    }

    /** The one worker holds every tenth rank, the others a thousand each. */
    private static List<PlannedPart> parts() {
        List<Assignment.HeldShard> held = IntStream.range(0, RANKS)
                .mapToObj(rank -> new Assignment.HeldShard(
                        new PlannedShard(ShardId.own(rank), ShardFormat.SAFETENSORS, (1L << 50) - rank, new Crc32c(-1)),
                        new TreeSet<>(Set.of(new WorkerId(rank % 10 == 0 ? "big" : "w" + rank / 1_111)))))
                .toList();
        return Assignment.of(held).planned();
    }

    @Test
    void orders_of_parts() {
        List<PlannedPart> parts = parts();

        assertThat(parts.stream().mapToInt(part -> part.shards().size()).sum()).isEqualTo(RANKS);
        assertThat(parts.stream()
                        .filter(part -> isOfTheOneWorker(part))
                        .mapToInt(part -> part.shards().size())
                        .sum())
                .isEqualTo(ON_ONE_WORKER);
        for (PlannedPart part : parts) {
            assertFits(
                    new ToWorker.AssignPart(ID.attempt(9_999), RUN, EPOCH, part.part(), Codec.zstd(22), part.shards()));
            List<ShardId> shards =
                    part.shards().stream().map(PlannedShard::shard).toList();
            PartRef ref = new PartRef(
                    part.part(),
                    1L << 40,
                    new Crc32c(-1),
                    RankSet.of(shards.stream().map(ShardId::rank).toList()),
                    RankSet.of(shards.stream().map(ShardId::rank).toList()));
            assertFits(new ToWorker.CheckShards(
                    ID.attempt(1), EPOCH, "r".repeat(64), ref, shards, VerifyDepth.FULL, Long.MIN_VALUE));
            ToWorker.ShardToLoad load = new ToWorker.ShardToLoad(ref, shards.get(0));
            assertFits(new ToWorker.PrepareLoad(
                    ID.job(), RUN, Long.MAX_VALUE, new Rank(RANKS), EPOCH, ID.attempt(1), List.of(load, load)));
        }
    }

    private static boolean isOfTheOneWorker(PlannedPart part) {
        return part.shards().stream().allMatch(shard -> shard.shard().rank().value() % 10 == 0);
    }

    private static Answer.VerificationView verification() {
        Finding finding = new Finding(
                ShardId.own(RANKS - 1),
                VerdictResult.CORRUPT,
                OptionalInt.of(Integer.MAX_VALUE),
                "\u4e00".repeat(10_000));
        return new Answer.VerificationView(
                ID.job(),
                ID.step(),
                "r".repeat(64),
                VerifyDepth.FULL,
                false,
                Long.MAX_VALUE,
                Long.MAX_VALUE,
                RANKS,
                RANKS,
                1,
                Optional.of(VerdictResult.CORRUPT),
                true,
                VerificationStatus.CORRUPT,
                JobContext.cut(Collections.nCopies(1_000, finding)));
    }

    @Test
    void views() {
        assertFits(verification());
        assertFits(new Answer.SaveView(
                ID.job(),
                ID.step(),
                CheckpointState.STAGING,
                Integer.MAX_VALUE,
                Long.MAX_VALUE,
                RANKS,
                JobContext.cut(SCATTERED),
                JobContext.cut(SCATTERED),
                Long.MAX_VALUE,
                Long.MAX_VALUE,
                Long.MAX_VALUE,
                RANKS,
                RANKS,
                false,
                JobContext.cut("\u4e00".repeat(10_000)),
                Optional.of(verification())));
        assertFits(new Answer.LoadView(
                ID.job(),
                RUN,
                Long.MAX_VALUE,
                Optional.of(ID.step()),
                JobContext.cut(SCATTERED),
                JobContext.cut(SCATTERED),
                RANKS,
                false,
                Optional.empty(),
                JobContext.cut("\u4e00".repeat(10_000))));
    }
}
