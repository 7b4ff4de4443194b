package dev.moorage.protocol.grpc;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Failures as gRPC statuses and back. The message is the status' description; the kind travels by name in the trailer
 * {@code moorage-kind}, and follows from the code where a proxy or another server left the trailer out.
 */
public final class StatusMapping {
    /** Name of a {@link FailureKind}. */
    public static final Metadata.Key<String> KIND = Metadata.Key.of("moorage-kind", Metadata.ASCII_STRING_MARSHALLER);

    /** As a header; both ends take 8 KiB of headers by default, and the rest needs its room, too. */
    static final int DESCRIPTION_BYTES_MAX = 6_000;

    private StatusMapping() {}

    /**
     * What a server answers for a failure: a {@link CheckpointException} by its kind, a status as it is, and anything else,
     * which is a bug, as INTERNAL without its details: those belong in the server's log.
     */
    public static StatusRuntimeException toStatus(Throwable failure) {
        if (failure instanceof StatusRuntimeException status) {
            return status;
        }
        if (failure instanceof CheckpointException known) {
            Metadata trailers = new Metadata();
            trailers.put(KIND, known.kind().name());
            return code(known.kind())
                    .toStatus()
                    .withDescription(cut(known.getMessage()))
                    .asRuntimeException(trailers);
        }
        return Status.INTERNAL
                .withDescription("internal error; the log of the server has the details")
                .withCause(failure)
                .asRuntimeException();
    }

    /**
     * What a caller throws for a status.
     *
     * @return a {@link CheckpointException}; an {@link IllegalStateException} for INTERNAL, which is a bug on the other side
     */
    public static RuntimeException toFailure(StatusRuntimeException status) {
        String message = Optional.ofNullable(status.getStatus().getDescription())
                .orElse("the server answered " + status.getStatus().getCode() + " without a reason");
        Optional<FailureKind> kind =
                stated(status).or(() -> kind(status.getStatus().getCode()));
        return kind.<RuntimeException>map(known -> new CheckpointException(known, message, status))
                .orElseGet(() -> new IllegalStateException(message, status));
    }

    /** The one code that stands for a kind. */
    static Status.Code code(FailureKind kind) {
        return switch (kind) {
            case UNAVAILABLE -> Status.Code.UNAVAILABLE;
            case INVALID -> Status.Code.INVALID_ARGUMENT;
            case NOT_FOUND -> Status.Code.NOT_FOUND;
            case CORRUPT -> Status.Code.DATA_LOSS;
            case IN_DOUBT -> Status.Code.UNKNOWN;
        };
    }

    /** What a caller should do about a code; empty for a bug. */
    static Optional<FailureKind> kind(Status.Code code) {
        return switch (code) {
            case UNAVAILABLE, ABORTED, RESOURCE_EXHAUSTED, DEADLINE_EXCEEDED, CANCELLED ->
                Optional.of(FailureKind.UNAVAILABLE);
            case INVALID_ARGUMENT,
                    PERMISSION_DENIED,
                    UNAUTHENTICATED,
                    FAILED_PRECONDITION,
                    OUT_OF_RANGE,
                    ALREADY_EXISTS,
                    UNIMPLEMENTED -> Optional.of(FailureKind.INVALID);
            case NOT_FOUND -> Optional.of(FailureKind.NOT_FOUND);
            case DATA_LOSS -> Optional.of(FailureKind.CORRUPT);
            case UNKNOWN -> Optional.of(FailureKind.IN_DOUBT);
            case INTERNAL, OK -> Optional.empty();
        };
    }

    private static Optional<FailureKind> stated(StatusRuntimeException status) {
        Metadata trailers = status.getTrailers();
        String name = trailers == null ? null : trailers.get(KIND);
        return Stream.of(FailureKind.values())
                .filter(kind -> kind.name().equals(name))
                .findFirst();
    }

    /** The text as far as it fits into a header, in which other than plain ASCII characters take three bytes each byte. */
    private static String cut(String text) {
        int bytes = 0;
        for (int i = 0; i < text.length(); i = text.offsetByCodePoints(i, 1)) {
            bytes += headerBytes(text.codePointAt(i));
            if (bytes > DESCRIPTION_BYTES_MAX) {
                return text.substring(0, i) + "…";
            }
        }
        return text;
    }

    private static int headerBytes(int character) {
        if (character >= ' ' && character < '~') {
            return character == '%' ? 3 : 1;
        }
        return 3 * (character < 0x80 ? 1 : character < 0x800 ? 2 : character < 0x10000 ? 3 : 4);
    }
}
