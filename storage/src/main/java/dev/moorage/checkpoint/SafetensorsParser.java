package dev.moorage.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Dtype;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads one safetensors header as a stream, and believes nothing of it. Every refusal is INVALID and names the tensor. */
final class SafetensorsParser {
    /** Far more than any shard has; keeps a hostile header from filling the heap. */
    private static final int TENSORS_MAX = 200_000;

    /** Stands for the length of a file that is not at hand. */
    static final long UNKNOWN_BYTES = Long.MAX_VALUE;

    private static final int DIMENSIONS_MAX = 64;
    /** Names are foreign and many, so none is interned or kept. */
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .build();

    private final long headerBytes;
    private final long fileBytes;
    private final Map<String, Raw> tensors = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private String where = "the safetensors header";

    private record Raw(String name, Dtype dtype, List<Long> shape, long begin, long end) {
        long bytes() {
            return end - begin;
        }
    }

    /** @param headerBytes length of the head, at most that of the file */
    SafetensorsParser(long headerBytes, long fileBytes) {
        this.headerBytes = headerBytes;
        this.fileBytes = fileBytes;
    }

    SafetensorsHeader parse(ShardSource file) throws IOException {
        ByteBuffer first = ByteBuffer.allocate(1);
        require(headerBytes > Safetensors.LENGTH_BYTES, "is empty");
        file.read(Safetensors.LENGTH_BYTES, first);
        require(first.get(0) == '{', "does not begin with '{'; is this a safetensors file?");
        InputStreamReader text = new InputStreamReader(
                new HeaderStream(file),
                StandardCharsets.UTF_8
                        .newDecoder()
                        .onMalformedInput(CodingErrorAction.REPORT)
                        .onUnmappableCharacter(CodingErrorAction.REPORT));
        try (JsonParser json = JSON.createParser(text)) {
            json.nextToken();
            readTop(json);
            where = "the safetensors header";
            require(json.nextToken() == null, "goes on after its closing brace");
        } catch (CharacterCodingException notUtf8) {
            throw CheckpointException.invalid(where + " is not UTF-8");
        } catch (JsonProcessingException notJson) {
            // The parser's advice is for programmers.
            throw CheckpointException.invalid(where + " is not valid JSON: "
                    + notJson.getOriginalMessage().replaceFirst(": enable `[^`]*` to allow$", ""));
        }
        return new SafetensorsHeader(entries(), metadata, headerBytes);
    }

    private void readTop(JsonParser json) throws IOException {
        boolean metadataSeen = false;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            if (name.equals(Safetensors.METADATA)) {
                where = Safetensors.METADATA;
                require(!metadataSeen, "appears twice");
                metadataSeen = true;
                readMetadata(json);
            } else {
                where = "tensor " + Text.quote(name);
                require(isUnicode(name), "has a name that is not Unicode");
                require(tensors.size() < TENSORS_MAX, "is one too many: a shard has at most " + TENSORS_MAX);
                require(tensors.put(name, readTensor(json, name)) == null, "appears twice");
            }
        }
    }

    private void readMetadata(JsonParser json) throws IOException {
        require(json.currentToken() == JsonToken.START_OBJECT, "must be an object of texts");
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String key = json.currentName();
            require(
                    json.nextToken() == JsonToken.VALUE_STRING,
                    "must hold texts only; " + Text.quote(key) + " is none");
            require(metadata.put(key, json.getText()) == null, "holds " + Text.quote(key) + " twice");
        }
    }

    private Raw readTensor(JsonParser json, String name) throws IOException {
        require(json.currentToken() == JsonToken.START_OBJECT, "must be an object with dtype, shape and data_offsets");
        Optional<Dtype> dtype = Optional.empty();
        Optional<List<Long>> shape = Optional.empty();
        Optional<List<Long>> offsets = Optional.empty();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String field = json.currentName();
            json.nextToken();
            switch (field) {
                case "dtype" -> {
                    require(dtype.isEmpty(), "has two dtypes");
                    dtype = Optional.of(readDtype(json));
                }
                case "shape" -> {
                    require(shape.isEmpty(), "has two shapes");
                    shape = Optional.of(readNumbers(json, "shape"));
                }
                case "data_offsets" -> {
                    require(offsets.isEmpty(), "has data_offsets twice");
                    offsets = Optional.of(readNumbers(json, "data_offsets"));
                }
                default -> throw invalid("has an unknown field " + Text.quote(field));
            }
        }
        require(dtype.isPresent() && shape.isPresent() && offsets.isPresent(), "lacks dtype, shape or data_offsets");
        require(
                offsets.get().size() == 2,
                "must have two data_offsets, has " + offsets.get().size());
        return checked(new Raw(
                name,
                dtype.get(),
                shape.get(),
                offsets.get().get(0),
                offsets.get().get(1)));
    }

    private Dtype readDtype(JsonParser json) throws IOException {
        require(json.currentToken() == JsonToken.VALUE_STRING, "has a dtype that is not a text");
        String named = json.getText();
        return Dtype.named(named).orElseThrow(() -> invalid("has the unknown dtype " + Text.quote(named)));
    }

    private List<Long> readNumbers(JsonParser json, String field) throws IOException {
        require(json.currentToken() == JsonToken.START_ARRAY, "has a " + field + " that is not a list");
        List<Long> numbers = new ArrayList<>(4);
        while (json.nextToken() != JsonToken.END_ARRAY) {
            boolean fits = json.currentToken() == JsonToken.VALUE_NUMBER_INT
                    && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER
                    && json.getLongValue() >= 0;
            require(
                    fits,
                    "has a " + field + " with " + Text.quote(json.getText())
                            + "; whole numbers from 0 to 9223372036854775807 are expected");
            require(numbers.size() < DIMENSIONS_MAX, "has a " + field + " of more than " + DIMENSIONS_MAX + " numbers");
            numbers.add(json.getLongValue());
        }
        return numbers;
    }

    private Raw checked(Raw tensor) {
        long dataBytes = fileBytes - headerBytes;
        require(
                tensor.begin <= tensor.end && tensor.end <= dataBytes,
                "has data_offsets " + tensor.begin + " to " + tensor.end + " in a file with " + dataBytes
                        + " bytes of data");
        long bytes = bytesOf(tensor);
        require(
                tensor.bytes() == bytes,
                "has " + tensor.bytes() + " bytes by its data_offsets, but shape " + tensor.shape + " of "
                        + tensor.dtype + " takes " + bytes);
        return tensor;
    }

    private long bytesOf(Raw tensor) {
        try {
            long bytes = tensor.dtype.bytes();
            for (long count : tensor.shape) {
                bytes = Math.multiplyExact(bytes, count);
            }
            return bytes;
        } catch (ArithmeticException overflow) {
            throw invalid("has the shape " + tensor.shape + ", whose size in bytes is beyond 64 bits");
        }
    }

    private List<TensorEntry> entries() {
        List<Raw> sorted = new ArrayList<>(tensors.values());
        sorted.sort(Comparator.comparingLong(Raw::begin).thenComparingLong(Raw::end));
        List<TensorEntry> entries = new ArrayList<>(sorted.size());
        long end = 0;
        for (Raw tensor : sorted) {
            where = "tensor " + Text.quote(tensor.name);
            require(
                    tensor.begin == end,
                    "begins at byte " + tensor.begin + " of the data, but the tensors before it end at " + end
                            + (tensor.begin < end ? ": they overlap" : ": nobody owns the bytes between"));
            end = tensor.end;
            Optional<TensorEntry.Slice> slice = slice(tensor);
            entries.add(new TensorEntry(
                    tensor.name, tensor.dtype, tensor.shape, headerBytes + tensor.begin, tensor.bytes(), slice));
        }
        where = "the safetensors file";
        require(
                fileBytes == UNKNOWN_BYTES || end == fileBytes - headerBytes,
                "has " + (fileBytes - headerBytes) + " bytes of data, but its tensors end at " + end);
        return entries;
    }

    private Optional<TensorEntry.Slice> slice(Raw tensor) {
        String text = metadata.get(Safetensors.SLICE_PREFIX + tensor.name);
        if (text == null) {
            return Optional.empty();
        }
        List<Long> shape = List.of();
        List<Long> offset = List.of();
        try (JsonParser json = JSON.createParser(new StringReader(text))) {
            require(json.nextToken() == JsonToken.START_OBJECT, "has a slice that is not an object");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                json.nextToken();
                if (field.equals("shape")) {
                    shape = readNumbers(json, "slice shape");
                } else {
                    require(field.equals("offset"), "has a slice with the unknown field " + Text.quote(field));
                    offset = readNumbers(json, "slice offset");
                }
            }
            require(json.nextToken() == null, "has a slice that goes on after its closing brace");
        } catch (IOException notJson) {
            throw invalid("has a slice that is not valid JSON: " + Text.quote(text));
        }
        require(
                lies(tensor.shape, shape, offset),
                "has shape " + tensor.shape + ", which does not lie in " + shape + " at " + offset
                        + " as its slice says");
        return Optional.of(new TensorEntry.Slice(shape, offset));
    }

    private static boolean lies(List<Long> part, List<Long> whole, List<Long> offset) {
        if (part.size() != whole.size() || part.size() != offset.size()) {
            return false;
        }
        for (int i = 0; i < part.size(); i++) {
            if (offset.get(i) > whole.get(i) || part.get(i) > whole.get(i) - offset.get(i)) {
                return false;
            }
        }
        return true;
    }

    /** Records on the store are UTF-8, which has no place for half of a surrogate pair. */
    private static boolean isUnicode(String name) {
        return StandardCharsets.UTF_8.newEncoder().canEncode(name);
    }

    private void require(boolean holds, String what) {
        if (!holds) {
            throw invalid(what);
        }
    }

    private CheckpointException invalid(String what) {
        return CheckpointException.invalid(where + " " + what);
    }

    /** The JSON, as a stream. */
    private final class HeaderStream extends InputStream {
        private final ShardSource file;
        private long next = Safetensors.LENGTH_BYTES;

        HeaderStream(ShardSource file) {
            this.file = file;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            int count = (int) Math.min(length, headerBytes - next);
            if (count <= 0) {
                return length == 0 ? 0 : -1;
            }
            file.read(next, ByteBuffer.wrap(target, offset, count));
            next += count;
            return count;
        }
    }
}
