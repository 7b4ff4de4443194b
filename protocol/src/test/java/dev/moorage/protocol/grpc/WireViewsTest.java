package dev.moorage.protocol.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.CheckpointState;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerificationStatus;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.cluster.Answer.LoadView;
import dev.moorage.protocol.cluster.Answer.SaveView;
import dev.moorage.protocol.cluster.Answer.VerificationView;
import dev.moorage.protocol.cluster.Answer.WorkerView;
import dev.moorage.protocol.record.Finding;
import dev.moorage.protocol.v1.Failure;
import dev.moorage.protocol.v1.FindingInfo;
import dev.moorage.protocol.v1.SaveStatus;
import dev.moorage.protocol.v1.State;
import dev.moorage.protocol.v1.VerdictKind;
import dev.moorage.protocol.v1.Verification;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class WireViewsTest {
    private static final JobName JOB = new JobName("llama");
    private static final Step STEP = new Step(Long.MAX_VALUE);
    private static final RankSet RANKS = RankSet.parse("0-3,7");
    private static final List<Finding> FINDINGS = List.of(
            new Finding(ShardId.own(3), VerdictResult.CORRUPT, OptionalInt.of(0), "chunk 0"),
            new Finding(
                    new ShardId(new Rank(1), ShardKind.REPLICATED),
                    VerdictResult.INCOMPLETE,
                    OptionalInt.empty(),
                    "no answer"));

    @Test
    void a_save_comes_back_equal() {
        SaveView bare = save(CheckpointState.STAGING, Optional.empty());
        SaveView full = save(CheckpointState.COMMITTED, Optional.of(verification(Optional.of(VerdictResult.CORRUPT))));

        assertThat(WireViews.fromProto(WireViews.toProto(bare))).isEqualTo(bare);
        assertThat(WireViews.fromProto(WireViews.toProto(full))).isEqualTo(full);
    }

    @Test
    void a_verification_comes_back_equal() {
        VerificationView running = verification(Optional.empty());

        assertThat(WireViews.fromProto(WireViews.toProto(running))).isEqualTo(running);
    }

    @Test
    void a_load_comes_back_equal() {
        LoadView bare = load(Optional.empty(), Optional.empty());
        LoadView full = load(Optional.of(new Step(0)), Optional.of(FailureKind.IN_DOUBT));

        assertThat(WireViews.fromProto(WireViews.toProto(bare))).isEqualTo(bare);
        assertThat(WireViews.fromProto(WireViews.toProto(full))).isEqualTo(full);
    }

    @Test
    void a_worker_comes_back_equal() {
        WorkerView worker = new WorkerView(
                new WorkerId("w"), Incarnation.random(), "host", "/run/w.sock", List.of(JOB), 8, 1, 2, "0.1.0");

        assertThat(WireViews.fromProto(WireViews.toProto(worker))).isEqualTo(worker);
    }

    @Test
    void what_cannot_be_is_invalid() {
        SaveStatus good = WireViews.toProto(save(CheckpointState.STAGING, Optional.empty()));

        assertInvalid(() -> WireViews.fromProto(good.toBuilder().setJob("../x").build()));
        assertInvalid(() -> WireViews.fromProto(good.toBuilder().setStep(-1).build()));
        assertInvalid(() -> WireViews.fromProto(good.toBuilder().clearState().build()));
        assertInvalid(
                () -> WireViews.fromProto(good.toBuilder().setStateValue(99).build()));
        assertInvalid(
                () -> WireViews.fromProto(good.toBuilder().setStagedRanks("3-1").build()));
        assertInvalid(() -> WireViews.fromProto(FindingInfo.getDefaultInstance()));
    }

    @ParameterizedTest
    @EnumSource(CheckpointState.class)
    void every_state_comes_back(CheckpointState state) {
        assertThat(WireEnums.fromProto(WireEnums.toProto(state))).isEqualTo(state);
        assertThat(WireEnums.toProto(state).name()).isEqualTo("STATE_" + state.name());
    }

    @ParameterizedTest
    @EnumSource(VerificationStatus.class)
    void every_verification_status_comes_back(VerificationStatus status) {
        assertThat(WireEnums.fromProto(WireEnums.toProto(status))).isEqualTo(status);
        assertThat(WireEnums.toProto(status).name()).isEqualTo("VERIFICATION_" + status.name());
    }

    @ParameterizedTest
    @EnumSource(VerdictResult.class)
    void every_result_comes_back(VerdictResult result) {
        assertThat(WireEnums.fromProto(WireEnums.toProto(result))).contains(result);
        assertThat(WireEnums.toProto(result).name()).isEqualTo("VERDICT_KIND_" + result.name());
    }

    @ParameterizedTest
    @EnumSource(FailureKind.class)
    void every_kind_of_failure_comes_back(FailureKind kind) {
        assertThat(WireEnums.fromProto(WireEnums.toProto(kind))).contains(kind);
        assertThat(WireEnums.toProto(kind).name()).isEqualTo("FAILURE_" + kind.name());
    }

    @Test
    void unspecified_is_empty_where_something_may_be_absent_and_else_invalid() {
        assertThat(WireEnums.fromProto(VerdictKind.VERDICT_KIND_UNSPECIFIED)).isEmpty();
        assertThat(WireEnums.fromProto(Failure.FAILURE_UNSPECIFIED)).isEmpty();
        assertInvalid(() -> WireEnums.fromProto(State.STATE_UNSPECIFIED));
        assertInvalid(() -> WireEnums.fromProto(Verification.VERIFICATION_UNSPECIFIED));
    }

    @Test
    void what_a_newer_peer_says_is_invalid_and_says_why() {
        assertInvalid(() -> WireEnums.fromProto(State.UNRECOGNIZED));
        assertInvalid(() -> WireEnums.fromProto(Verification.UNRECOGNIZED));
        assertInvalid(() -> WireEnums.fromProto(VerdictKind.UNRECOGNIZED));
        assertInvalid(() -> WireEnums.fromProto(Failure.UNRECOGNIZED));
    }

    private static void assertInvalid(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        CheckpointException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.INVALID));
    }

    private static SaveView save(CheckpointState state, Optional<VerificationView> verification) {
        return new SaveView(
                JOB, STEP, state, 1, 2, 8, RANKS, RankSet.EMPTY, 100, 50, 25, 4, 2, true, "waits", verification);
    }

    private static VerificationView verification(Optional<VerdictResult> result) {
        return new VerificationView(
                JOB,
                STEP,
                "r1",
                new VerifyDepth(VerifyDepth.Kind.SAMPLE, 0.1),
                result.isEmpty(),
                100,
                50,
                8,
                4,
                result.isEmpty() ? 0 : 1,
                result,
                true,
                VerificationStatus.CORRUPT,
                result.isEmpty() ? List.of() : FINDINGS);
    }

    private static LoadView load(Optional<Step> step, Optional<FailureKind> failure) {
        return new LoadView(JOB, new RunNumber(2), 3, step, RANKS, RankSet.EMPTY, 5, step.isPresent(), failure, "why");
    }
}
