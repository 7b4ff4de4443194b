package dev.moorage.protocol;

import static java.util.Objects.requireNonNull;

/**
 * The one exception that crosses a module's edge. Its message says what happened, where (job, step, rank, key, chunk),
 * what was expected and what was found, and what to do next.
 */
public final class CheckpointException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final FailureKind kind;

    /** @param kind what the caller should do about it */
    public CheckpointException(FailureKind kind, String message) {
        super(message);
        this.kind = requireNonNull(kind);
    }

    /**
     * @param kind what the caller should do about it
     * @param cause the failure below, kept for the log
     */
    public CheckpointException(FailureKind kind, String message, Throwable cause) {
        super(message, cause);
        this.kind = requireNonNull(kind);
    }

    /** What the caller should do. */
    public FailureKind kind() {
        return kind;
    }

    /** An {@link FailureKind#INVALID} failure. */
    public static CheckpointException invalid(String message) {
        return new CheckpointException(FailureKind.INVALID, message);
    }

    /** A {@link FailureKind#CORRUPT} failure. */
    public static CheckpointException corrupt(String message) {
        return new CheckpointException(FailureKind.CORRUPT, message);
    }

    /** A {@link FailureKind#NOT_FOUND} failure. */
    public static CheckpointException notFound(String message) {
        return new CheckpointException(FailureKind.NOT_FOUND, message);
    }

    /** An {@link FailureKind#UNAVAILABLE} failure. */
    public static CheckpointException unavailable(String message) {
        return new CheckpointException(FailureKind.UNAVAILABLE, message);
    }
}
