package dev.moorage.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Dtype;
import dev.moorage.protocol.FailureKind;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The safetensors format: 8 bytes of length, little-endian, a JSON object, and the tensors' bytes without gaps.
 *
 * <p>A tensor that was cut out of a larger one says so in {@code __metadata__}: under {@link #SLICE_PREFIX} and its name
 * stands {@code {"shape":[…],"offset":[…]}}, the shape of the whole tensor and where the piece begins in it.
 */
public final class Safetensors {
    /** Longest JSON that is read, in bytes. */
    public static final long JSON_BYTES_MAX = 100_000_000;

    /** Before a tensor's name: the key in {@code __metadata__} that tells which slice of a larger tensor it is. */
    public static final String SLICE_PREFIX = "moorage.slice.";

    static final String METADATA = "__metadata__";
    static final int LENGTH_BYTES = 8;
    private static final JsonFactory JSON = new JsonFactory();

    private Safetensors() {}

    /**
     * A tensor to be written.
     *
     * @param shape number of elements along each dimension; empty for a single number
     * @param slice which part of a larger tensor it is; empty for a whole one
     */
    public record Tensor(String name, Dtype dtype, List<Long> shape, Optional<TensorEntry.Slice> slice) {
        public Tensor {
            shape = List.copyOf(shape);
        }

        /** Length in bytes. */
        public long bytes() {
            long elements = shape.stream().reduce(1L, Math::multiplyExact);
            return Math.multiplyExact(elements, dtype.bytes());
        }
    }

    /**
     * Reads and checks the head of a file.
     *
     * @throws CheckpointException INVALID, in words, if it is not a valid file; UNAVAILABLE if it cannot be read
     */
    public static SafetensorsHeader parse(ShardSource file) {
        try {
            return parse(file, file.length());
        } catch (IOException failure) {
            throw new CheckpointException(
                    FailureKind.UNAVAILABLE,
                    "cannot read the safetensors header: " + Failures.reason(failure),
                    failure);
        }
    }

    /**
     * Reads and checks a head that is in memory.
     *
     * @param header at least all of the head; its position stays where it is
     * @param fileBytes length of the whole file
     * @throws CheckpointException INVALID, in words, if no such file is valid
     */
    public static SafetensorsHeader parse(ByteBuffer header, long fileBytes) {
        return parse(new MemorySource(header), fileBytes);
    }

    /** Reads the head of a file of unknown length: where its tensors end is where it ends. */
    static SafetensorsHeader parseHead(ByteBuffer header) {
        return parse(new MemorySource(header), SafetensorsParser.UNKNOWN_BYTES);
    }

    private static SafetensorsHeader parse(MemorySource header, long fileBytes) {
        try {
            return parse((ShardSource) header, fileBytes);
        } catch (IOException outside) {
            throw CheckpointException.invalid("the safetensors header ends after " + header.length() + " bytes");
        }
    }

    private static SafetensorsHeader parse(ShardSource file, long fileBytes) throws IOException {
        if (fileBytes < LENGTH_BYTES) {
            throw CheckpointException.invalid("a safetensors file begins with 8 bytes of header length, this one has "
                    + fileBytes + " bytes in all");
        }
        ByteBuffer length = ByteBuffer.allocate(LENGTH_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        file.read(0, length);
        long jsonBytes = length.getLong(0);
        if (jsonBytes < 0 || jsonBytes > JSON_BYTES_MAX) {
            throw CheckpointException.invalid(
                    "the safetensors header says that it has " + Long.toUnsignedString(jsonBytes)
                            + " bytes, the limit is " + JSON_BYTES_MAX + "; is this a safetensors file?");
        }
        if (jsonBytes > fileBytes - LENGTH_BYTES) {
            throw CheckpointException.invalid("the safetensors header says that it has " + jsonBytes
                    + " bytes, but only " + (fileBytes - LENGTH_BYTES) + " follow; the file is cut short");
        }
        return new SafetensorsParser(LENGTH_BYTES + jsonBytes, fileBytes).parse(file);
    }

    /**
     * The head of a file that holds these tensors one after the other.
     *
     * @param metadata texts for {@code __metadata__}; slices are added to it
     * @return length and JSON, padded with spaces so that the tensors begin at a multiple of 8
     * @throws CheckpointException INVALID if the names are not distinct or the head becomes too long
     */
    public static ByteBuffer header(List<Tensor> tensors, Map<String, String> metadata) {
        ByteArrayOutputStream json = new ByteArrayOutputStream();
        try (JsonGenerator out = JSON.createGenerator(json)) {
            out.enable(JsonGenerator.Feature.STRICT_DUPLICATE_DETECTION);
            out.writeStartObject();
            writeMetadata(out, tensors, metadata);
            long begin = 0;
            for (Tensor tensor : tensors) {
                long end = Math.addExact(begin, tensor.bytes());
                writeTensor(out, tensor, begin, end);
                begin = end;
            }
            out.writeEndObject();
        } catch (IOException refused) {
            throw new CheckpointException(
                    FailureKind.INVALID,
                    "no safetensors header can hold these tensors: " + refused.getMessage(),
                    refused);
        }
        int padding = -json.size() & 7;
        json.writeBytes(" ".repeat(padding).getBytes(StandardCharsets.US_ASCII));
        if (json.size() > JSON_BYTES_MAX) {
            throw CheckpointException.invalid(
                    "a safetensors header of " + json.size() + " bytes is over the limit of " + JSON_BYTES_MAX);
        }
        ByteBuffer header = ByteBuffer.allocate(LENGTH_BYTES + json.size()).order(ByteOrder.LITTLE_ENDIAN);
        return header.putLong(json.size()).put(json.toByteArray()).flip();
    }

    private static void writeMetadata(JsonGenerator out, List<Tensor> tensors, Map<String, String> metadata)
            throws IOException {
        Map<String, String> all = new LinkedHashMap<>(metadata);
        for (Tensor tensor : tensors) {
            tensor.slice().ifPresent(slice -> all.put(SLICE_PREFIX + tensor.name(), sliceText(slice)));
        }
        if (all.isEmpty()) {
            return;
        }
        out.writeObjectFieldStart(METADATA);
        for (Map.Entry<String, String> text : all.entrySet()) {
            out.writeStringField(text.getKey(), text.getValue());
        }
        out.writeEndObject();
    }

    private static void writeTensor(JsonGenerator out, Tensor tensor, long begin, long end) throws IOException {
        out.writeObjectFieldStart(tensor.name());
        out.writeStringField("dtype", tensor.dtype().name());
        writeNumbers(out, "shape", tensor.shape());
        writeNumbers(out, "data_offsets", List.of(begin, end));
        out.writeEndObject();
    }

    private static void writeNumbers(JsonGenerator out, String field, List<Long> numbers) throws IOException {
        out.writeArrayFieldStart(field);
        for (long number : numbers) {
            out.writeNumber(number);
        }
        out.writeEndArray();
    }

    private static String sliceText(TensorEntry.Slice slice) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        try (JsonGenerator out = JSON.createGenerator(text)) {
            out.writeStartObject();
            writeNumbers(out, "shape", slice.globalShape());
            writeNumbers(out, "offset", slice.globalOffset());
            out.writeEndObject();
        } catch (IOException impossible) {
            throw new UncheckedIOException(impossible);
        }
        return text.toString(StandardCharsets.UTF_8);
    }
}
