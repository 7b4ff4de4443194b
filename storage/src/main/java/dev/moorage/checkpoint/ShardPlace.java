package dev.moorage.checkpoint;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.record.StoredShard;
import java.io.IOException;

/** A shard object and where it is, in words for messages. */
record ShardPlace(AttemptId attempt, StoredShard stored) {
    private static final String ADVICE = "; restore another checkpoint";

    String key() {
        return Layout.shard(attempt, stored);
    }

    /** Stored bytes are not what was saved. */
    CheckpointException corrupt(String what) {
        return CheckpointException.corrupt(this + ": " + what + ADVICE);
    }

    /** The store did not answer, which says nothing about the bytes. */
    CheckpointException unreadable(IOException failure) {
        return new CheckpointException(
                FailureKind.UNAVAILABLE,
                this + ": cannot be read now: " + Failures.reason(failure) + "; try again",
                failure);
    }

    @Override
    public String toString() {
        return attempt + ", " + stored.shard() + ", key " + key();
    }
}
