package dev.moorage.checkpoint;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The head of a safetensors file.
 *
 * @param tensors ascending by where they begin; they tile the bytes after the head
 * @param metadata the texts under {@code __metadata__}, in their order
 * @param headerBytes length of the head: the 8 bytes of its length and the JSON
 */
public record SafetensorsHeader(List<TensorEntry> tensors, Map<String, String> metadata, long headerBytes) {
    public SafetensorsHeader {
        tensors = List.copyOf(tensors);
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }
}
