package dev.moorage.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonFactoryBuilder;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import dev.moorage.protocol.CheckpointException;
import java.io.IOException;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Strict JSON as plain values: {@link Map}, {@link List}, {@link String}, {@link Long}, {@link Boolean}, and
 * {@link Optional#empty} for null. Numbers that are not integers of 64 bits are kept as {@link Number}s of other classes, so
 * that fields nobody knows may hold them.
 *
 * <p>A tree of its own on Jackson's tokens, since binding costs a short command more start-up than all else it does.
 */
final class JsonTree {
    static final int DEPTH_MAX = 16;
    static final int STRING_CHARS_MAX = 1 << 20;
    static final int NAME_CHARS_MAX = 1 << 16;
    static final int NUMBER_CHARS_MAX = 40;

    private static final JsonFactory FACTORY = new JsonFactoryBuilder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(DEPTH_MAX)
                    .maxStringLength(STRING_CHARS_MAX)
                    .maxNameLength(NAME_CHARS_MAX)
                    .maxNumberLength(NUMBER_CHARS_MAX)
                    .build())
            .disable(JsonWriteFeature.WRITE_HEX_UPPER_CASE)
            .build();

    private JsonTree() {}

    /**
     * Parses one value that takes up all of {@code bytes}.
     *
     * @throws IOException if it is not UTF-8, not JSON, has a duplicate key, is beyond a limit, or is followed by more
     */
    static Object parse(ByteBuffer bytes) throws IOException {
        // Decoded here, as Jackson would guess at UTF-16 and let some malformed UTF-8 pass.
        CharBuffer text = StandardCharsets.UTF_8.newDecoder().decode(bytes.duplicate());
        try (JsonParser parser = FACTORY.createParser(text.array(), text.arrayOffset(), text.remaining())) {
            parser.nextToken();
            Object value = value(parser);
            if (parser.nextToken() != null) {
                throw new IOException("more follows after the JSON value");
            }
            return value;
        }
    }

    /**
     * The one text of a tree: no spaces, fields in their order, only what JSON demands is escaped, control characters with
     * lower-case digits.
     *
     * @throws CheckpointException INVALID if a string holds half of a surrogate pair, which has no UTF-8
     */
    static ByteBuffer write(Object tree) {
        StringWriter text = new StringWriter();
        try (JsonGenerator generator = FACTORY.createGenerator(text)) {
            write(generator, tree);
            generator.flush();
            // Encoded here, as Jackson lets a lone surrogate pass, and nobody could read it back.
            return StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(text.getBuffer()));
        } catch (IOException noText) {
            throw CheckpointException.invalid("cannot be written as JSON: " + noText.getMessage());
        }
    }

    private static void write(JsonGenerator generator, Object tree) throws IOException {
        if (tree instanceof Map<?, ?> fields) {
            generator.writeStartObject();
            for (Map.Entry<?, ?> field : fields.entrySet()) {
                generator.writeFieldName((String) field.getKey());
                write(generator, field.getValue());
            }
            generator.writeEndObject();
        } else if (tree instanceof List<?> items) {
            generator.writeStartArray();
            for (Object item : items) {
                write(generator, item);
            }
            generator.writeEndArray();
        } else if (tree instanceof Boolean flag) {
            generator.writeBoolean(flag);
        } else if (tree instanceof Number number) {
            generator.writeNumber(number.longValue());
        } else {
            generator.writeString(tree.toString());
        }
    }

    private static Object value(JsonParser parser) throws IOException {
        JsonToken token = parser.currentToken();
        if (token == null) {
            throw new IOException("the JSON value is empty");
        }
        return switch (token) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> array(parser);
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT -> integer(parser);
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> Optional.empty();
            default -> throw new IOException("unexpected " + token);
        };
    }

    private static Object integer(JsonParser parser) throws IOException {
        return parser.getNumberType() == JsonParser.NumberType.BIG_INTEGER
                ? parser.getBigIntegerValue()
                : (Object) parser.getLongValue();
    }

    private static Map<String, Object> object(JsonParser parser) throws IOException {
        Map<String, Object> fields = new LinkedHashMap<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            String name = parser.currentName();
            parser.nextToken();
            if (fields.put(name, value(parser)) != null) {
                throw new IOException("duplicate key '" + name + "'");
            }
        }
        return fields;
    }

    private static List<Object> array(JsonParser parser) throws IOException {
        List<Object> items = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            items.add(value(parser));
        }
        return items;
    }
}
