package dev.moorage.checkpoint;

import dev.moorage.protocol.Attempt;
import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.SaveSpec;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorldSize;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;

/** What the JSON of all records has in common: the envelope, type and version, whose record it is, and shared parts. */
final class RecordJson {
    /** The longest manifest, intent or verdict. */
    static final int LARGE_BYTES_MAX = 64 << 20;

    /** The longest of all other records. */
    static final int SMALL_BYTES_MAX = 1 << 20;

    private RecordJson() {}

    /** A body that begins with its type and version. */
    static Map<String, Object> body(String type) {
        Map<String, Object> body = new LinkedHashMap<>();
        body.put("type", type);
        body.put("version", Fields.VERSION);
        return body;
    }

    /** A body that begins with its type, version and attempt. */
    static Map<String, Object> body(String type, AttemptId attempt) {
        Map<String, Object> body = body(type);
        body.put("job", attempt.job());
        body.put("step", attempt.step().value());
        body.put("attempt", attempt.attempt().value());
        return body;
    }

    /** The whole object. INVALID if it is longer than {@code bytesMax}. */
    static ByteBuffer sealed(Map<String, Object> body, int bytesMax) {
        ByteBuffer sealed = Envelope.seal(JsonTree.write(body));
        Bounds.range("bytes of a " + body.get("type") + " record", sealed.remaining(), 1, bytesMax);
        return sealed;
    }

    /** Reads a record of {@code attempt}; one of another attempt is CORRUPT. */
    static <T> T read(String key, String type, AttemptId attempt, ByteBuffer sealed, Function<Fields, T> record) {
        return Fields.read(key, type, sealed, fields -> {
            AttemptId stated = new AttemptId(
                    fields.value("job", JobName::new),
                    fields.number("step", Step::new),
                    fields.small("attempt", Attempt::new));
            belongs(type, attempt, stated);
            return record.apply(fields);
        });
    }

    /** Checks that a record says of itself what its key says of it. */
    static void belongs(String type, Object expected, Object stated) {
        Bounds.holds(stated.equals(expected), "this is the " + type + " of " + stated + ", not of " + expected);
    }

    static Map<String, Object> spec(SaveSpec spec) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("worldSize", spec.worldSize().value());
        fields.put("codec", spec.codec());
        fields.put("depth", spec.depth());
        fields.put("metadata", spec.metadata());
        return fields;
    }

    static SaveSpec spec(Fields fields) {
        return new SaveSpec(
                fields.small("worldSize", WorldSize::new),
                fields.value("codec", Codec::parse),
                fields.value("depth", VerifyDepth::parse),
                fields.object("metadata").texts());
    }

    static Map<String, Object> shard(ShardId shard) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("rank", shard.rank().value());
        fields.put("kind", word(shard.kind()));
        return fields;
    }

    static ShardId shard(Fields fields) {
        return new ShardId(fields.small("rank", Rank::new), fields.word("kind", ShardKind.class));
    }

    /** How an enum is written. */
    static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }
}
