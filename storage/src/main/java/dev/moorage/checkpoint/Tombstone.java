package dev.moorage.checkpoint;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.Nonce;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * The mark that a committed checkpoint is deleted; its presence alone makes the checkpoint invisible.
 *
 * @param reason for people
 * @param epoch of the coordinator that deleted it
 * @param createdAtMillis wall clock in milliseconds since 1970, a label only
 */
record Tombstone(AttemptId attempt, String reason, Epoch epoch, Nonce nonce, long createdAtMillis) {
    private static final String TYPE = "tombstone";

    Tombstone {
        requireNonNull(attempt);
        requireNonNull(reason);
        requireNonNull(epoch);
        requireNonNull(nonce);
    }

    /** The bytes of {@code deleted.json}. */
    ByteBuffer encode() {
        Map<String, Object> body = RecordJson.body(TYPE, attempt);
        body.put("reason", reason);
        body.put("epoch", epoch.value());
        body.put("nonce", nonce);
        body.put("createdAtMillis", createdAtMillis);
        return RecordJson.sealed(body, RecordJson.SMALL_BYTES_MAX);
    }

    static Tombstone decode(AttemptId attempt, ByteBuffer sealed) {
        return RecordJson.read(
                Layout.tombstone(attempt),
                TYPE,
                attempt,
                sealed,
                fields -> new Tombstone(
                        attempt,
                        fields.text("reason"),
                        fields.number("epoch", Epoch::new),
                        fields.value("nonce", Nonce::new),
                        fields.integer("createdAtMillis", 0, Long.MAX_VALUE)));
    }
}
