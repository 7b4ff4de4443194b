package dev.moorage.protocol.grpc;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.CheckpointState;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerificationStatus;
import dev.moorage.protocol.v1.Failure;
import dev.moorage.protocol.v1.State;
import dev.moorage.protocol.v1.VerdictKind;
import dev.moorage.protocol.v1.Verification;
import java.util.Optional;

/**
 * The enums of {@code moorage.v1} and those of Java. An unknown one, from a newer peer, is INVALID; unspecified stands for
 * empty where something may be absent, else it is INVALID, too.
 */
public final class WireEnums {
    private WireEnums() {}

    /** As in the API. */
    public static State toProto(CheckpointState state) {
        return switch (state) {
            case STAGING -> State.STATE_STAGING;
            case UPLOADING -> State.STATE_UPLOADING;
            case SEALING -> State.STATE_SEALING;
            case COMMITTED -> State.STATE_COMMITTED;
            case ABORTED -> State.STATE_ABORTED;
            case DELETED -> State.STATE_DELETED;
        };
    }

    /** From the API; INVALID if unspecified or unknown. */
    public static CheckpointState fromProto(State state) {
        return switch (state) {
            case STATE_STAGING -> CheckpointState.STAGING;
            case STATE_UPLOADING -> CheckpointState.UPLOADING;
            case STATE_SEALING -> CheckpointState.SEALING;
            case STATE_COMMITTED -> CheckpointState.COMMITTED;
            case STATE_ABORTED -> CheckpointState.ABORTED;
            case STATE_DELETED -> CheckpointState.DELETED;
            case STATE_UNSPECIFIED, UNRECOGNIZED -> throw unknown("state of a checkpoint");
        };
    }

    /** As in the API. */
    public static Verification toProto(VerificationStatus status) {
        return switch (status) {
            case NONE -> Verification.VERIFICATION_NONE;
            case ATTESTED -> Verification.VERIFICATION_ATTESTED;
            case VERIFIED -> Verification.VERIFICATION_VERIFIED;
            case CORRUPT -> Verification.VERIFICATION_CORRUPT;
            case INCOMPLETE -> Verification.VERIFICATION_INCOMPLETE;
        };
    }

    /** From the API; INVALID if unspecified or unknown. */
    public static VerificationStatus fromProto(Verification status) {
        return switch (status) {
            case VERIFICATION_NONE -> VerificationStatus.NONE;
            case VERIFICATION_ATTESTED -> VerificationStatus.ATTESTED;
            case VERIFICATION_VERIFIED -> VerificationStatus.VERIFIED;
            case VERIFICATION_CORRUPT -> VerificationStatus.CORRUPT;
            case VERIFICATION_INCOMPLETE -> VerificationStatus.INCOMPLETE;
            case VERIFICATION_UNSPECIFIED, UNRECOGNIZED -> throw unknown("verification status");
        };
    }

    /** As in the API. */
    public static VerdictKind toProto(VerdictResult result) {
        return switch (result) {
            case GOOD -> VerdictKind.VERDICT_KIND_GOOD;
            case CORRUPT -> VerdictKind.VERDICT_KIND_CORRUPT;
            case INCOMPLETE -> VerdictKind.VERDICT_KIND_INCOMPLETE;
        };
    }

    /** From the API; unspecified is empty: none yet. INVALID if unknown. */
    public static Optional<VerdictResult> fromProto(VerdictKind result) {
        return switch (result) {
            case VERDICT_KIND_GOOD -> Optional.of(VerdictResult.GOOD);
            case VERDICT_KIND_CORRUPT -> Optional.of(VerdictResult.CORRUPT);
            case VERDICT_KIND_INCOMPLETE -> Optional.of(VerdictResult.INCOMPLETE);
            case VERDICT_KIND_UNSPECIFIED -> Optional.empty();
            case UNRECOGNIZED -> throw unknown("result of a verification");
        };
    }

    /** As in the API. */
    public static Failure toProto(FailureKind kind) {
        return switch (kind) {
            case UNAVAILABLE -> Failure.FAILURE_UNAVAILABLE;
            case INVALID -> Failure.FAILURE_INVALID;
            case NOT_FOUND -> Failure.FAILURE_NOT_FOUND;
            case CORRUPT -> Failure.FAILURE_CORRUPT;
            case IN_DOUBT -> Failure.FAILURE_IN_DOUBT;
        };
    }

    /** From the API; unspecified is empty: it did not fail. INVALID if unknown. */
    public static Optional<FailureKind> fromProto(Failure kind) {
        return switch (kind) {
            case FAILURE_UNAVAILABLE -> Optional.of(FailureKind.UNAVAILABLE);
            case FAILURE_INVALID -> Optional.of(FailureKind.INVALID);
            case FAILURE_NOT_FOUND -> Optional.of(FailureKind.NOT_FOUND);
            case FAILURE_CORRUPT -> Optional.of(FailureKind.CORRUPT);
            case FAILURE_IN_DOUBT -> Optional.of(FailureKind.IN_DOUBT);
            case FAILURE_UNSPECIFIED -> Optional.empty();
            case UNRECOGNIZED -> throw unknown("kind of failure");
        };
    }

    static CheckpointException unknown(String what) {
        return CheckpointException.invalid("unknown " + what + "; client and server must be of one version");
    }
}
