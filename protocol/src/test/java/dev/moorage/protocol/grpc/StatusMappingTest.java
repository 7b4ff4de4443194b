package dev.moorage.protocol.grpc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class StatusMappingTest {
    @ParameterizedTest
    @CsvSource({
        "UNAVAILABLE, UNAVAILABLE",
        "INVALID, INVALID_ARGUMENT",
        "NOT_FOUND, NOT_FOUND",
        "CORRUPT, DATA_LOSS",
        "IN_DOUBT, UNKNOWN"
    })
    void a_kind_has_one_code_and_travels_by_name(FailureKind kind, Status.Code code) {
        StatusRuntimeException status = StatusMapping.toStatus(new CheckpointException(kind, "rank 3: what"));

        assertThat(status.getStatus().getCode()).isEqualTo(code);
        assertThat(status.getStatus().getDescription()).isEqualTo("rank 3: what");
        assertThat(status.getTrailers().get(StatusMapping.KIND)).isEqualTo(kind.name());
    }

    @ParameterizedTest
    @EnumSource(FailureKind.class)
    void a_failure_comes_back_with_kind_and_message(FailureKind kind) {
        StatusRuntimeException status = StatusMapping.toStatus(new CheckpointException(kind, "rank 3: what"));

        assertThat(StatusMapping.toFailure(status)).isInstanceOfSatisfying(CheckpointException.class, failure -> {
            assertThat(failure.kind()).isEqualTo(kind);
            assertThat(failure).hasMessage("rank 3: what").hasCause(status);
        });
    }

    @Test
    void the_trailer_wins_over_the_code() {
        StatusRuntimeException stated = StatusMapping.toStatus(CheckpointException.corrupt("x"));
        StatusRuntimeException odd = Status.ABORTED.asRuntimeException(stated.getTrailers());

        assertThat(kindOf(odd)).isEqualTo(FailureKind.CORRUPT);
    }

    @ParameterizedTest
    @CsvSource({
        "ABORTED, UNAVAILABLE",
        "RESOURCE_EXHAUSTED, UNAVAILABLE",
        "DEADLINE_EXCEEDED, UNAVAILABLE",
        "UNAVAILABLE, UNAVAILABLE",
        "CANCELLED, UNAVAILABLE",
        "INVALID_ARGUMENT, INVALID",
        "PERMISSION_DENIED, INVALID",
        "UNAUTHENTICATED, INVALID",
        "FAILED_PRECONDITION, INVALID",
        "OUT_OF_RANGE, INVALID",
        "ALREADY_EXISTS, INVALID",
        "UNIMPLEMENTED, INVALID",
        "NOT_FOUND, NOT_FOUND",
        "DATA_LOSS, CORRUPT",
        "UNKNOWN, IN_DOUBT"
    })
    void without_the_trailer_the_code_decides(Status.Code code, FailureKind kind) {
        assertThat(kindOf(code.toStatus().asRuntimeException())).isEqualTo(kind);
    }

    @ParameterizedTest
    @EnumSource(FailureKind.class)
    void the_code_of_a_kind_means_that_kind(FailureKind kind) {
        assertThat(StatusMapping.kind(StatusMapping.code(kind))).isEqualTo(Optional.of(kind));
    }

    @Test
    void a_bug_is_internal_and_tells_nothing() {
        StatusRuntimeException status = StatusMapping.toStatus(new NullPointerException("secret"));

        assertThat(status.getStatus().getCode()).isEqualTo(Status.Code.INTERNAL);
        assertThat(status.getStatus().getDescription()).doesNotContain("secret");
        assertThat(StatusMapping.toFailure(status)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void a_status_stays_as_it_is() {
        StatusRuntimeException status = Status.UNIMPLEMENTED.asRuntimeException();

        assertThat(StatusMapping.toStatus(status)).isSameAs(status);
    }

    @Test
    void a_status_without_a_description_has_a_message() {
        assertThat(StatusMapping.toFailure(Status.NOT_FOUND.asRuntimeException()))
                .hasMessage("the server answered NOT_FOUND without a reason");
    }

    @Test
    void a_long_message_is_cut_to_fit_a_header() {
        assertThat(described("a".repeat(6_000))).isEqualTo("a".repeat(6_000));
        assertThat(described("a".repeat(6_001))).isEqualTo("a".repeat(6_000) + "…");
        assertThat(described("%".repeat(100_000))).isEqualTo("%".repeat(2_000) + "…");
        assertThat(described("\uD83D\uDE00".repeat(100_000))).isEqualTo("\uD83D\uDE00".repeat(500) + "…");
        assertThat(described("☂".repeat(100_000)).getBytes(StandardCharsets.UTF_8).length * 3)
                .isLessThan(6_100);
    }

    private static String described(String message) {
        return StatusMapping.toStatus(CheckpointException.invalid(message))
                .getStatus()
                .getDescription();
    }

    private static FailureKind kindOf(StatusRuntimeException status) {
        return ((CheckpointException) StatusMapping.toFailure(status)).kind();
    }
}
