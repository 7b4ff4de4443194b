package dev.moorage.protocol;

/** What the caller should do about a failure. A new kind is justified only by a new answer. */
public enum FailureKind {
    /** A service or a host did not answer, or a limit was reached. Try again later; nothing was promised. */
    UNAVAILABLE,
    /** The request can never succeed as it stands. Correct it. */
    INVALID,
    /** No such checkpoint, shard or tensor, or it is not committed. */
    NOT_FOUND,
    /** Stored bytes are not the bytes that were saved. Do not retry; restore another checkpoint. */
    CORRUPT,
    /** The commit may or may not have happened. Delete nothing; read the manifest before deciding. */
    IN_DOUBT;

    /** Process exit status of the command line. Exhaustive: a new kind does not compile until it has one. */
    public int exitStatus() {
        return switch (this) {
            case INVALID -> 2;
            case NOT_FOUND -> 3;
            case UNAVAILABLE -> 4;
            case CORRUPT -> 5;
            case IN_DOUBT -> 6;
        };
    }
}
