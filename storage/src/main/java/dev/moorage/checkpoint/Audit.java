package dev.moorage.checkpoint;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.VerdictResult;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The audit log: logger {@code moorage.audit}, one line per verification, INFO for what holds and WARN for the rest.
 *
 * @param what was verified: shard, range, tensor or object
 * @param where key, and rank where there is one
 * @param bytes how many raw bytes were meant
 */
record Audit(String what, String where, long bytes) {
    private static final int REASON_CHARS_MAX = 2000;
    private static final Logger LOG = LoggerFactory.getLogger("moorage.audit");

    static Audit of(String what, ShardPlace place, long bytes) {
        return new Audit(what, place.key() + " rank=" + place.stored().shard().rank(), bytes);
    }

    /**
     * All holds.
     *
     * @param actual empty where the depth reads no bytes
     */
    void good(Optional<Crc32c> expected, Optional<Crc32c> actual) {
        LOG.info(
                "verified={} key={} bytes={} expected={} actual={} result=GOOD",
                what,
                where,
                bytes,
                sum(expected),
                sum(actual));
    }

    /** Nobody wanted to know. */
    void skipped() {
        LOG.info("verified={} key={} bytes={} expected=- actual=- result=SKIPPED", what, where, bytes);
    }

    /** They are not, or that could not be found out. */
    void failed(RuntimeException failure) {
        VerdictResult result = failure instanceof CheckpointException known && known.kind() == FailureKind.CORRUPT
                ? VerdictResult.CORRUPT
                : VerdictResult.INCOMPLETE;
        bad(result, failure.getMessage());
    }

    /** @param reason names expected and actual sums */
    void bad(VerdictResult result, String reason) {
        LOG.warn(
                "verified={} key={} bytes={} result={} reason={}",
                what,
                where,
                bytes,
                result,
                Text.quote(reason, REASON_CHARS_MAX));
    }

    private static String sum(Optional<Crc32c> crc) {
        return crc.map(Crc32c::toString).orElse("-");
    }
}
