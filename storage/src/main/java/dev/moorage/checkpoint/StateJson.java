package dev.moorage.checkpoint;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.WorldSize;
import dev.moorage.protocol.record.StateEntry;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;

/** The bytes of {@code state/<seq>.json}. */
final class StateJson {
    private static final String TYPE = "state";

    private enum Kind {
        CLAIM,
        RUN,
        RESTORE,
        TRIGGER
    }

    private StateJson() {}

    static ByteBuffer encode(JobName job, StateEntry entry) {
        Map<String, Object> body = RecordJson.body(TYPE);
        body.put("job", job);
        body.put("seq", entry.seq());
        body.put("epoch", entry.epoch().value());
        body.put("previous", entry.previous());
        body.put("nonce", entry.nonce());
        body.put("event", event(entry.event()));
        body.put("createdAtMillis", entry.createdAtMillis());
        return RecordJson.sealed(body, RecordJson.SMALL_BYTES_MAX);
    }

    static StateEntry decode(JobName job, long seq, ByteBuffer sealed) {
        return Fields.read(Layout.state(job, seq), TYPE, sealed, fields -> {
            RecordJson.belongs(
                    TYPE,
                    "job " + job + " entry " + seq,
                    "job " + fields.value("job", JobName::new) + " entry " + fields.integer("seq", 1, Long.MAX_VALUE));
            return new StateEntry(
                    seq,
                    fields.number("epoch", Epoch::new),
                    fields.value("previous", Nonce::new),
                    fields.value("nonce", Nonce::new),
                    event(fields.object("event")),
                    fields.integer("createdAtMillis", 0, Long.MAX_VALUE));
        });
    }

    private static Map<String, Object> event(StateEntry.Event event) {
        Map<String, Object> fields = new LinkedHashMap<>();
        if (event instanceof StateEntry.Claim claim) {
            fields.put("kind", RecordJson.word(Kind.CLAIM));
            fields.put("owner", claim.owner());
        } else if (event instanceof StateEntry.Run run) {
            fields.put("kind", RecordJson.word(Kind.RUN));
            fields.put("run", run.run().value());
            fields.put("token", run.token());
            fields.put("worldSize", run.worldSize().value());
        } else if (event instanceof StateEntry.Restore restore) {
            fields.put("kind", RecordJson.word(Kind.RESTORE));
            fields.put("run", restore.run().value());
            fields.put("ordinal", restore.ordinal());
            fields.put("step", restore.step().value());
        } else if (event instanceof StateEntry.Trigger trigger) {
            fields.put("kind", RecordJson.word(Kind.TRIGGER));
            fields.put("requestId", trigger.requestId());
            fields.put("step", trigger.step().value());
        } else {
            throw CheckpointException.invalid("an event without a form on the store: " + event);
        }
        return fields;
    }

    private static StateEntry.Event event(Fields fields) {
        return switch (fields.word("kind", Kind.class)) {
            case CLAIM -> new StateEntry.Claim(fields.text("owner"));
            case RUN ->
                new StateEntry.Run(
                        fields.number("run", RunNumber::new),
                        fields.value("token", RunToken::new),
                        fields.small("worldSize", WorldSize::new));
            case RESTORE ->
                new StateEntry.Restore(
                        fields.number("run", RunNumber::new),
                        fields.integer("ordinal", 0, Long.MAX_VALUE),
                        fields.number("step", Step::new));
            case TRIGGER -> new StateEntry.Trigger(fields.text("requestId"), fields.number("step", Step::new));
        };
    }
}
