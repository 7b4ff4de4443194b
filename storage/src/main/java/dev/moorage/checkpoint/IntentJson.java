package dev.moorage.checkpoint;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.SaveSpec;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.record.Intent;
import dev.moorage.protocol.record.PlannedPart;
import dev.moorage.protocol.record.PlannedShard;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;

/** The bytes of {@code intent.json}. */
final class IntentJson {
    private static final String TYPE = "intent";

    private IntentJson() {}

    static ByteBuffer encode(Intent intent) {
        Map<String, Object> body = RecordJson.body(TYPE, intent.attempt());
        body.put("run", intent.run().value());
        body.put("spec", RecordJson.spec(intent.spec()));
        body.put("specSha256", sha256(intent.spec()));
        body.put("parts", intent.parts().stream().map(IntentJson::part).toList());
        body.put("epoch", intent.epoch().value());
        body.put("nonce", intent.nonce());
        body.put("createdAtMillis", intent.createdAtMillis());
        return RecordJson.sealed(body, RecordJson.LARGE_BYTES_MAX);
    }

    static Intent decode(AttemptId attempt, ByteBuffer sealed) {
        return RecordJson.read(Layout.intent(attempt), TYPE, attempt, sealed, fields -> {
            SaveSpec spec = RecordJson.spec(fields.object("spec"));
            String stated = fields.text("specSha256");
            Bounds.holds(
                    sha256(spec).equals(stated),
                    "field specSha256: expected " + sha256(spec) + " of the spec, was " + Text.quote(stated));
            return new Intent(
                    attempt,
                    fields.number("run", RunNumber::new),
                    spec,
                    fields.each("parts", IntentJson::part),
                    fields.number("epoch", Epoch::new),
                    fields.value("nonce", Nonce::new),
                    fields.integer("createdAtMillis", 0, Long.MAX_VALUE));
        });
    }

    private static Map<String, Object> part(PlannedPart part) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("part", part.part().value());
        fields.put("shards", part.shards().stream().map(IntentJson::shard).toList());
        return fields;
    }

    private static PlannedPart part(Fields fields) {
        return new PlannedPart(fields.small("part", PartNumber::new), fields.each("shards", IntentJson::shard));
    }

    private static Map<String, Object> shard(PlannedShard shard) {
        Map<String, Object> fields = RecordJson.shard(shard.shard());
        fields.put("format", RecordJson.word(shard.format()));
        fields.put("rawBytes", shard.rawBytes());
        fields.put("rawCrc32c", shard.rawCrc());
        return fields;
    }

    private static PlannedShard shard(Fields fields) {
        return new PlannedShard(
                RecordJson.shard(fields),
                fields.word("format", ShardFormat.class),
                fields.integer("rawBytes", 0, Long.MAX_VALUE),
                fields.value("rawCrc32c", Crc32c::parse));
    }

    /** Of the spec's JSON text as {@link JsonTree#write} makes it. */
    private static String sha256(SaveSpec spec) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            digest.update(JsonTree.write(RecordJson.spec(spec)));
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException everyJavaHasIt) {
            throw new IllegalStateException(everyJavaHasIt);
        }
    }
}
