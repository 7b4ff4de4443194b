package dev.moorage.checkpoint;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.record.Finding;
import dev.moorage.protocol.record.Verdict;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.OptionalInt;

/** The bytes of {@code verify/<n>.json}. */
final class VerdictJson {
    private static final String TYPE = "verdict";

    private VerdictJson() {}

    static ByteBuffer encode(Verdict verdict) {
        Map<String, Object> body = RecordJson.body(TYPE, verdict.attempt());
        body.put("number", verdict.number());
        body.put("depth", verdict.depth());
        body.put("result", RecordJson.word(verdict.result()));
        body.put("allShards", verdict.allShards());
        body.put("independentReader", verdict.independentReader());
        body.put("proven", verdict.proven());
        body.put("shards", verdict.shards());
        body.put("bytesRead", verdict.bytesRead());
        body.put(
                "findings",
                verdict.findings().stream().map(VerdictJson::finding).toList());
        body.put("nonce", verdict.nonce());
        body.put("createdAtMillis", verdict.createdAtMillis());
        return RecordJson.sealed(body, RecordJson.LARGE_BYTES_MAX);
    }

    static Verdict decode(AttemptId attempt, int number, ByteBuffer sealed) {
        return RecordJson.read(Layout.verdict(attempt, number), TYPE, attempt, sealed, fields -> {
            RecordJson.belongs(TYPE, "number " + number, "number " + fields.integer("number", 1, Integer.MAX_VALUE));
            return new Verdict(
                    attempt,
                    number,
                    fields.value("depth", VerifyDepth::parse),
                    fields.word("result", VerdictResult.class),
                    fields.flag("allShards"),
                    fields.flag("independentReader"),
                    fields.text("proven"),
                    (int) fields.integer("shards", 0, Integer.MAX_VALUE),
                    fields.integer("bytesRead", 0, Long.MAX_VALUE),
                    fields.each("findings", VerdictJson::finding),
                    fields.value("nonce", Nonce::new),
                    fields.integer("createdAtMillis", 0, Long.MAX_VALUE));
        });
    }

    private static Map<String, Object> finding(Finding finding) {
        Map<String, Object> fields = RecordJson.shard(finding.shard());
        fields.put("result", RecordJson.word(finding.result()));
        finding.chunk().ifPresent(chunk -> fields.put("chunk", chunk));
        fields.put("message", finding.message());
        return fields;
    }

    private static Finding finding(Fields fields) {
        return new Finding(
                RecordJson.shard(fields),
                fields.word("result", VerdictResult.class),
                fields.has("chunk")
                        ? OptionalInt.of((int) fields.integer("chunk", 0, Integer.MAX_VALUE))
                        : OptionalInt.empty(),
                fields.text("message"));
    }
}
