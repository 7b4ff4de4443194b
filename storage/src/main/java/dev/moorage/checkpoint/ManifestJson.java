package dev.moorage.checkpoint;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.WorldSize;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PartRef;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The bytes of {@code manifest.json}. */
final class ManifestJson {
    private static final String TYPE = "manifest";

    private enum Outcome {
        COMMITTED,
        ABORTED
    }

    private ManifestJson() {}

    static ByteBuffer encode(Manifest manifest) {
        Map<String, Object> body = RecordJson.body(TYPE, manifest.attempt());
        if (manifest instanceof Manifest.Committed committed) {
            committed(body, committed);
        } else if (manifest instanceof Manifest.Aborted aborted) {
            aborted(body, aborted);
        }
        return RecordJson.sealed(body, RecordJson.LARGE_BYTES_MAX);
    }

    private static void committed(Map<String, Object> body, Manifest.Committed committed) {
        body.put("outcome", RecordJson.word(Outcome.COMMITTED));
        body.put("run", committed.run().value());
        body.put("spec", RecordJson.spec(committed.spec()));
        body.put("rawBytes", committed.rawBytes());
        body.put("storedBytes", committed.storedBytes());
        body.put("parts", committed.parts().stream().map(ManifestJson::part).toList());
        body.put("epoch", committed.epoch().value());
        body.put("nonce", committed.nonce());
        body.put("createdAtMillis", committed.createdAtMillis());
    }

    private static void aborted(Map<String, Object> body, Manifest.Aborted aborted) {
        body.put("outcome", RecordJson.word(Outcome.ABORTED));
        body.put("reason", aborted.reason());
        body.put("epoch", aborted.epoch().value());
        body.put("nonce", aborted.nonce());
        body.put("createdAtMillis", aborted.createdAtMillis());
    }

    static Manifest decode(AttemptId attempt, ByteBuffer sealed) {
        return RecordJson.read(Layout.manifest(attempt), TYPE, attempt, sealed, fields -> switch (fields.word(
                "outcome", Outcome.class)) {
            case COMMITTED -> committed(attempt, fields);
            case ABORTED ->
                new Manifest.Aborted(
                        attempt,
                        fields.text("reason"),
                        fields.number("epoch", Epoch::new),
                        fields.value("nonce", Nonce::new),
                        fields.integer("createdAtMillis", 0, Long.MAX_VALUE));
        });
    }

    private static Manifest.Committed committed(AttemptId attempt, Fields fields) {
        Manifest.Committed committed = new Manifest.Committed(
                attempt,
                fields.number("run", RunNumber::new),
                RecordJson.spec(fields.object("spec")),
                fields.each("parts", ManifestJson::part),
                fields.integer("rawBytes", 0, Long.MAX_VALUE),
                fields.integer("storedBytes", 0, Long.MAX_VALUE),
                fields.number("epoch", Epoch::new),
                fields.value("nonce", Nonce::new),
                fields.integer("createdAtMillis", 0, Long.MAX_VALUE));
        disjoint(
                "own",
                committed.parts().stream().map(PartRef::own).toList(),
                committed.spec().worldSize());
        disjoint(
                "replicated",
                committed.parts().stream().map(PartRef::replicated).toList(),
                committed.spec().worldSize());
        return committed;
    }

    /** A shard is in one part only, and its rank is one of the run. */
    private static void disjoint(String kind, List<RankSet> sets, WorldSize worldSize) {
        BitSet seen = new BitSet();
        for (int part = 0; part < sets.size(); part++) {
            for (RankSet.Range range : sets.get(part).ranges()) {
                int repeated = seen.nextSetBit(range.first());
                Bounds.holds(
                        (repeated < 0 || repeated > range.last()) && range.last() < worldSize.value(),
                        "field parts[" + part + "]." + kind + ": ranks " + range.first() + " to " + range.last()
                                + " are in another part, too, or not below the world size " + worldSize);
                seen.set(range.first(), range.last() + 1);
            }
        }
    }

    private static Map<String, Object> part(PartRef part) {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("part", part.part().value());
        fields.put("bytes", part.bytes());
        fields.put("crc32c", part.crc());
        fields.put("own", part.own());
        fields.put("replicated", part.replicated());
        return fields;
    }

    private static PartRef part(Fields fields) {
        return new PartRef(
                fields.small("part", PartNumber::new),
                fields.integer("bytes", 1, PartCodec.BYTES_MAX),
                fields.value("crc32c", Crc32c::parse),
                fields.value("own", RankSet::parse),
                fields.value("replicated", RankSet::parse));
    }
}
