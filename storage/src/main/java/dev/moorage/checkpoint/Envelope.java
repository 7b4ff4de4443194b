package dev.moorage.checkpoint;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Crc32c;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/**
 * The bytes of a JSON record: <code>{"crc32c":"xxxxxxxx","body":</code>, the body, <code>}</code>. The sum covers the exact
 * stored bytes of the body and is checked before anything is parsed.
 */
final class Envelope {
    private static final String BEFORE_SUM = "{\"crc32c\":\"";
    private static final String AFTER_SUM = "\",\"body\":";
    private static final int BODY_BEGIN = BEFORE_SUM.length() + 8 + AFTER_SUM.length();

    private Envelope() {}

    /** Wraps the remaining bytes of {@code body}. */
    static ByteBuffer seal(ByteBuffer body) {
        return ByteBuffer.allocate(BODY_BEGIN + body.remaining() + 1)
                .put(before(Crc32c.of(body)))
                .put(body.duplicate())
                .put((byte) '}')
                .flip();
    }

    /**
     * The body.
     *
     * @param key named in the failure
     * @throws CheckpointException CORRUPT unless every byte is what {@link #seal} would write
     */
    static ByteBuffer open(String key, ByteBuffer sealed) {
        int bytes = sealed.remaining();
        if (bytes <= BODY_BEGIN + 1 || sealed.get(sealed.position() + bytes - 1) != '}') {
            throw CheckpointException.corrupt(key + ": not a whole record, " + bytes + " bytes");
        }
        ByteBuffer body = sealed.slice(sealed.position() + BODY_BEGIN, bytes - BODY_BEGIN - 1);
        ByteBuffer expected = ByteBuffer.wrap(before(Crc32c.of(body)));
        ByteBuffer actual = sealed.slice(sealed.position(), BODY_BEGIN);
        if (!actual.equals(expected)) {
            throw CheckpointException.corrupt(key + ": damaged: the CRC32C of its body is " + Crc32c.of(body)
                    + ", but it begins with "
                    + Text.quote(StandardCharsets.ISO_8859_1.decode(actual).toString()));
        }
        return body;
    }

    private static byte[] before(Crc32c sum) {
        return (BEFORE_SUM + sum + AFTER_SUM).getBytes(StandardCharsets.US_ASCII);
    }
}
