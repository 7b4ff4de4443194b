package dev.moorage.protocol.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnknownFieldSet;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.record.Finding;
import dev.moorage.protocol.record.PlannedShard;
import dev.moorage.protocol.v1.cluster.AssignPartWire;
import dev.moorage.protocol.v1.cluster.CheckShardsWire;
import dev.moorage.protocol.v1.cluster.DescribeAskedWire;
import dev.moorage.protocol.v1.cluster.Frame;
import dev.moorage.protocol.v1.cluster.PartDoneWire;
import dev.moorage.protocol.v1.cluster.PartRefWire;
import dev.moorage.protocol.v1.cluster.RankStagedWire;
import dev.moorage.protocol.v1.cluster.RefusedWire;
import dev.moorage.protocol.v1.cluster.SaveViewWire;
import dev.moorage.protocol.v1.cluster.WakeWire;
import java.io.NotSerializableException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ClusterSerializerTest {
    private static final ActorTestKit KIT = ActorTestKit.create();
    private static final ActorRef<ToWorker> WORKER =
            KIT.createTestProbe("worker", ToWorker.class).ref();
    private static final ActorRef<Answer> ASKER =
            KIT.createTestProbe("asker", Answer.class).ref();
    private static final Serialization SERIALIZATION = SerializationExtension.get(KIT.system());
    private static final ClusterSerializer SERIALIZER =
            (ClusterSerializer) SERIALIZATION.findSerializerFor(new ToCoordinator.Wake(Samples.JOB));

    @AfterAll
    static void stop() {
        KIT.shutdownTestKit();
    }

    static List<ClusterMessage> samples() {
        return Samples.all(WORKER, ASKER);
    }

    @Test
    void every_message_has_a_sample() {
        assertThat(samples().stream().map(Object::getClass).distinct())
                .containsExactlyInAnyOrderElementsOf(
                        records(ClusterMessage.class).toList());
    }

    @Test
    void every_field_of_the_frame_has_a_sample() throws Exception {
        List<Frame.MessageCase> fields = new ArrayList<>();
        for (ClusterMessage sample : samples()) {
            fields.add(Frame.parseFrom(SERIALIZER.toBinary(sample)).getMessageCase());
        }

        assertThat(fields.stream().distinct())
                .containsExactlyInAnyOrderElementsOf(Stream.of(Frame.MessageCase.values())
                        .filter(field -> field != Frame.MessageCase.MESSAGE_NOT_SET)
                        .toList());
    }

    @ParameterizedTest
    @MethodSource("samples")
    void a_message_comes_back_equal(ClusterMessage sample) {
        byte[] bytes = SERIALIZATION.serialize(sample).get();
        Object back = SERIALIZATION
                .deserialize(
                        bytes,
                        SERIALIZATION.findSerializerFor(sample).identifier(),
                        Serializers.manifestFor(SERIALIZER, sample))
                .get();

        assertThat(back).isEqualTo(sample);
        assertThat(SERIALIZATION.findSerializerFor(sample)).isSameAs(SERIALIZER);
    }

    @Test
    void the_identifier_on_the_wire_never_changes() {
        assertThat(SERIALIZER.identifier()).isEqualTo(77001);
    }

    @ParameterizedTest
    @MethodSource("samples")
    void a_truncated_message_is_refused_or_another_whole_one(ClusterMessage sample) {
        byte[] bytes = SERIALIZER.toBinary(sample);
        for (int length = 0; length < bytes.length; length++) {
            acceptsOnlyWholeMessages(Arrays.copyOf(bytes, length));
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void a_message_with_flipped_bits_is_refused_or_another_whole_one(ClusterMessage sample) {
        byte[] bytes = SERIALIZER.toBinary(sample);
        Random random = new Random(bytes.length);
        for (int i = 0; i < 300; i++) {
            byte[] flipped = bytes.clone();
            for (int flips = 1 + random.nextInt(3); flips > 0; flips--) {
                flipped[random.nextInt(flipped.length)] ^= (byte) (1 << random.nextInt(8));
            }
            acceptsOnlyWholeMessages(flipped);
        }
    }

    @Test
    void garbage_is_refused() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            byte[] garbage = new byte[random.nextInt(200)];
            random.nextBytes(garbage);
            acceptsOnlyWholeMessages(garbage);
        }
    }

    @Test
    void a_frame_without_a_message_is_refused() {
        refuses(Frame.getDefaultInstance(), "without a message that this version knows");
        refuses(
                Frame.newBuilder()
                        .mergeUnknownFields(UnknownFieldSet.newBuilder()
                                .addField(
                                        16,
                                        UnknownFieldSet.Field.newBuilder()
                                                .addLengthDelimited(ByteString.EMPTY)
                                                .build())
                                .build())
                        .build(),
                "without a message that this version knows");
    }

    @Test
    void another_manifest_is_refused() {
        byte[] bytes = SERIALIZER.toBinary(new ToCoordinator.Wake(Samples.JOB));

        assertThatThrownBy(() -> SERIALIZER.fromBinary(bytes, "moorage.v2.Frame"))
                .isInstanceOf(NotSerializableException.class)
                .hasMessageContaining("all daemons must run one version");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "../../etc", "/abs", "Upper", "a..b", "nul\0", "line\nbreak"})
    void a_bad_name_inside_is_refused(String job) {
        refuses(Frame.newBuilder().setWake(WakeWire.newBuilder().setJob(job)).build(), "WAKE: job name must match");
    }

    @Test
    void values_that_cannot_be_are_refused() {
        refuses(Frame.newBuilder().setPartDone(PartDoneWire.newBuilder()).build(), "PART_DONE: job name must match");
        refuses(
                edited(
                        RankStagedWire.class,
                        Frame::getRankStaged,
                        wire -> wire.toBuilder().setRank(-1).build()),
                "rank must be 0 to 999999, was -1");
        refuses(
                Frame.newBuilder()
                        .setRefused(RefusedWire.newBuilder().setKind("WORSE"))
                        .build(),
                "unknown failure");
        refuses(
                edited(AssignPartWire.class, Frame::getAssignPart, wire -> {
                    AssignPartWire.Builder edited = wire.toBuilder();
                    edited.getShardsBuilder(0).setRawBytes(-1);
                    return edited.build();
                }),
                "rank 1: negative length -1");
        refuses(
                edited(
                        CheckShardsWire.class,
                        Frame::getCheckShards,
                        wire -> wire.toBuilder().clearPart().build()),
                "no part is named");
        refuses(
                edited(
                        CheckShardsWire.class,
                        Frame::getCheckShards,
                        wire -> wire.toBuilder()
                                .setPart(PartRefWire.newBuilder().setOwn("3-1"))
                                .build()),
                "rank must be 3 to 999999, was 1");
        refuses(
                edited(
                        SaveViewWire.class,
                        Frame::getSaveView,
                        wire -> wire.toBuilder().setState("HALF").build()),
                "unknown state");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nobody", "pekko://", "http://host/path", "pekko://system/user/\0"})
    void an_answer_address_that_is_no_actor_is_refused(String path) {
        refuses(
                Frame.newBuilder()
                        .setDescribeAsked(DescribeAskedWire.newBuilder().setReplyTo(path))
                        .build(),
                "reply_to is not the path of an actor");
    }

    @Test
    void a_message_over_the_limit_is_refused_on_the_way_out() {
        List<PlannedShard> shards = IntStream.range(0, 10_000)
                .mapToObj(rank -> new PlannedShard(ShardId.own(rank), ShardFormat.OPAQUE, 1L << 40, Crc32c.EMPTY))
                .toList();
        ToWorker.AssignPart tooMuch =
                new ToWorker.AssignPart(Samples.ATTEMPT, Samples.RUN, Samples.EPOCH, Samples.PART, Codec.NONE, shards);

        assertThatThrownBy(() -> SERIALIZER.toBinary(tooMuch))
                .isInstanceOf(CheckpointException.class)
                .hasMessageMatching("AssignPart has [0-9]+ bytes when encoded, at most 131072 are allowed.*");
    }

    @Test
    void a_message_over_the_limit_is_refused_on_the_way_in() {
        byte[] tooMuch = new byte[ClusterSerializer.BYTES_MAX + 1];

        assertThatThrownBy(() -> SERIALIZER.fromBinary(tooMuch, ClusterSerializer.MANIFEST))
                .isInstanceOf(NotSerializableException.class)
                .hasMessageContaining("it has 131073 bytes, at most 131072 are allowed");
    }

    @Test
    void the_longest_texts_are_cut_and_fit() throws Exception {
        String umbrellas = "☂".repeat(100_000);
        Finding finding = new Finding(ShardId.own(1), VerdictResult.CORRUPT, OptionalInt.empty(), umbrellas);
        ToCoordinator.ShardsChecked checked = new ToCoordinator.ShardsChecked(
                Samples.ATTEMPT,
                Samples.EPOCH,
                "r",
                Samples.WORKER,
                Samples.LIFE,
                Samples.PART,
                VerdictResult.CORRUPT,
                100,
                0,
                umbrellas,
                Collections.nCopies(100, finding));

        ToCoordinator.ShardsChecked back = (ToCoordinator.ShardsChecked)
                SERIALIZER.fromBinary(SERIALIZER.toBinary(checked), ClusterSerializer.MANIFEST);

        assertThat(back.findings()).hasSize(Texts.FINDINGS_MAX);
        assertThat(back.findings().get(49).message())
                .hasSize(Texts.FINDING_CHARS_MAX)
                .endsWith("☂…");
        assertThat(back.proven()).hasSize(Texts.CHARS_MAX).endsWith("☂…");
    }

    @Test
    void a_cut_never_splits_a_character() {
        String faces = "x" + "\uD83D\uDE00".repeat(3_000);

        assertThat(Texts.cut(faces)).hasSizeLessThanOrEqualTo(Texts.CHARS_MAX).endsWith("\uDE00…");
        assertThat(Texts.cut("x" + faces)).endsWith("\uDE00…");
    }

    @Test
    void ten_thousand_scattered_ranks_fit_into_a_message() throws Exception {
        RankSet scattered = RankSet.of(
                IntStream.range(0, 10_000).mapToObj(i -> new Rank(2 * i)).toList());
        ToCoordinator.VerifyAsked verify = new ToCoordinator.VerifyAsked(
                Samples.JOB, Samples.STEP, "r", VerifyDepth.FULL, Optional.of(scattered), ASKER);

        assertThat(SERIALIZER.fromBinary(SERIALIZER.toBinary(verify), ClusterSerializer.MANIFEST))
                .isEqualTo(verify);
    }

    @Test
    void too_much_metadata_is_refused_on_the_way_out() {
        ToCoordinator.SaveAsked save = new ToCoordinator.SaveAsked(
                Samples.JOB, Samples.STEP, Optional.empty(), Optional.empty(), Map.of("k", "v".repeat(70_000)), ASKER);

        assertThatThrownBy(() -> SERIALIZER.toBinary(save)).hasMessageContaining("characters of metadata must be");
    }

    @Test
    void only_cluster_messages_are_taken() {
        assertThatThrownBy(() -> SERIALIZER.toBinary("text"))
                .hasMessage("java.lang.String is not a message between daemons; only ClusterMessage is");
    }

    private static <W> Frame edited(Class<W> type, Function<Frame, W> get, UnaryOperator<W> edit) {
        return samples().stream()
                .map(sample -> parsed(SERIALIZER.toBinary(sample)))
                .filter(frame -> frame.getAllFields().values().stream().anyMatch(type::isInstance))
                .findFirst()
                .map(frame -> frame.toBuilder()
                        .setField(frame.getAllFields().keySet().iterator().next(), edit.apply(get.apply(frame)))
                        .build())
                .orElseThrow();
    }

    private static Frame parsed(byte[] bytes) {
        try {
            return Frame.parseFrom(bytes);
        } catch (InvalidProtocolBufferException impossible) {
            throw new AssertionError(impossible);
        }
    }

    private static void refuses(Frame frame, String why) {
        assertThatThrownBy(() -> SERIALIZER.fromBinary(frame.toByteArray(), ClusterSerializer.MANIFEST))
                .isInstanceOf(NotSerializableException.class)
                .hasMessageContaining(why);
    }

    /** What is taken must be whole: it can be written again, and then means the same. */
    private static void acceptsOnlyWholeMessages(byte[] bytes) {
        try {
            Object message = SERIALIZER.fromBinary(bytes, ClusterSerializer.MANIFEST);
            assertThat(SERIALIZER.fromBinary(SERIALIZER.toBinary(message), ClusterSerializer.MANIFEST))
                    .isEqualTo(message);
        } catch (NotSerializableException refused) {
            assertThat(refused).hasMessageStartingWith("message between daemons refused: ");
        }
    }

    private static Stream<Class<?>> records(Class<?> type) {
        return type.isSealed()
                ? Stream.of(type.getPermittedSubclasses()).flatMap(ClusterSerializerTest::records)
                : Stream.of(type);
    }
}
