package dev.moorage.checkpoint;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/**
 * The fields of a JSON object that was read from the store. What is missing, null, of another type or out of range is
 * INVALID here and names the field; {@link #read} makes CORRUPT of it and names the key. Fields that nobody asks for are
 * ignored: later versions may add some.
 */
final class Fields {
    static final long VERSION = 1;

    private final String path;
    private final Map<?, ?> values;

    private Fields(String path, Map<?, ?> values) {
        this.path = path;
        this.values = values;
    }

    /**
     * Reads a record.
     *
     * @param key where it is
     * @param type what its field {@code type} must say
     * @param sealed the whole object
     * @throws CheckpointException CORRUPT if anything does not hold; INVALID if a later version of Moorage wrote it
     */
    static <T> T read(String key, String type, ByteBuffer sealed, Function<Fields, T> record) {
        Fields fields = new Fields("", tree(key, Envelope.open(key, sealed)));
        long version = corruptUnless(key, () -> {
            String actual = fields.text("type");
            Bounds.holds(actual.equals(type), "field type: expected '" + type + "', was " + Text.quote(actual));
            return fields.integer("version", 1, Long.MAX_VALUE);
        });
        // Not damage: nothing of what was read can be judged.
        Bounds.holds(
                version == VERSION,
                key + ": version " + version + " of a " + type + " is not known here: read it with a later Moorage");
        return corruptUnless(key, () -> record.apply(fields));
    }

    /** Runs {@code work}, in which INVALID means that what is stored under {@code key} does not hold. */
    static <T> T corruptUnless(String key, Supplier<T> work) {
        try {
            return work.get();
        } catch (CheckpointException wrong) {
            if (wrong.kind() != FailureKind.INVALID) {
                throw wrong;
            }
            throw new CheckpointException(FailureKind.CORRUPT, key + ": " + wrong.getMessage(), wrong);
        }
    }

    private static Map<?, ?> tree(String key, ByteBuffer body) {
        try {
            if (JsonTree.parse(body) instanceof Map<?, ?> map) {
                return map;
            }
            throw CheckpointException.corrupt(key + ": the body is not a JSON object");
        } catch (IOException notJson) {
            throw new CheckpointException(
                    FailureKind.CORRUPT,
                    key + ": the body is not the JSON of a record: " + firstLine(notJson),
                    notJson);
        }
    }

    private static String firstLine(IOException failure) {
        String message = String.valueOf(failure.getMessage());
        return message.lines().findFirst().orElse(message);
    }

    String text(String name) {
        return typed(name, String.class, "a string");
    }

    boolean flag(String name) {
        return typed(name, Boolean.class, "true or false");
    }

    long integer(String name, long min, long max) {
        long value = typed(name, Long.class, "an integer of 64 bits");
        Bounds.range("field " + path + name, value, min, max);
        return value;
    }

    /** A value that is written as text. */
    <T> T value(String name, Function<String, T> parse) {
        return named(name, () -> parse.apply(text(name)));
    }

    /** A value that is written as an integer of at least 0. */
    <T> T number(String name, LongFunction<T> make) {
        return named(name, () -> make.apply(integer(name, 0, Long.MAX_VALUE)));
    }

    /** A value that is written as an integer from 0 to 2^31-1. */
    <T> T small(String name, IntFunction<T> make) {
        return named(name, () -> make.apply((int) integer(name, 0, Integer.MAX_VALUE)));
    }

    /** One of the words of an enum, written in lower case. */
    <T extends Enum<T>> T word(String name, Class<T> words) {
        String text = text(name);
        for (T word : words.getEnumConstants()) {
            if (RecordJson.word(word).equals(text)) {
                return word;
            }
        }
        throw CheckpointException.invalid("field " + path + name + ": unknown word " + Text.quote(text));
    }

    Fields object(String name) {
        return new Fields(path + name + ".", typed(name, Map.class, "an object"));
    }

    boolean has(String name) {
        return values.containsKey(name);
    }

    /** Each object of a list. */
    <T> List<T> each(String name, Function<Fields, T> item) {
        List<T> items = new ArrayList<>();
        for (Object value : typed(name, List.class, "a list")) {
            String where = path + name + "[" + items.size() + "]";
            Bounds.holds(
                    value instanceof Map, "field " + where + " must be an object, was " + Text.quote(value.toString()));
            items.add(item.apply(new Fields(where + ".", (Map<?, ?>) value)));
        }
        return items;
    }

    /** All fields of this object, which must be strings. */
    SortedMap<String, String> texts() {
        SortedMap<String, String> texts = new TreeMap<>();
        values.keySet().forEach(name -> texts.put((String) name, text((String) name)));
        return texts;
    }

    private <T> T named(String name, Supplier<T> value) {
        try {
            return value.get();
        } catch (CheckpointException wrong) {
            String message = wrong.getMessage();
            throw message.startsWith("field ")
                    ? wrong
                    : CheckpointException.invalid("field " + path + name + ": " + message);
        }
    }

    private <T> T typed(String name, Class<T> type, String expected) {
        Object value = values.get(name);
        Bounds.holds(value != null, "field " + path + name + " is missing");
        if (!type.isInstance(value)) {
            String actual = value.equals(Optional.empty()) ? "null" : Text.quote(value.toString());
            throw CheckpointException.invalid("field " + path + name + " must be " + expected + ", was " + actual);
        }
        return type.cast(value);
    }
}
