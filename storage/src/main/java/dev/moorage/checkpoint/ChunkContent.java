package dev.moorage.checkpoint;

import java.util.List;
import java.util.Optional;

/**
 * What is known of the bytes of a chunk before they are read.
 *
 * @param layout how their elements are split; empty for a head, opaque bytes, more than one type, and elements of one byte
 * @param rowBytes length of the rows of its longest tensor; 0 if it has none
 */
record ChunkContent(Optional<PlaneLayout> layout, int rowBytes) {
    static final ChunkContent UNKNOWN = new ChunkContent(Optional.empty(), 0);

    static ChunkContent of(TensorEntry tensor) {
        List<Long> shape = tensor.shape();
        long rowBytes = shape.size() < 2
                ? 0
                : shape.get(shape.size() - 1) * tensor.dtype().bytes();
        return new ChunkContent(
                PlaneLayout.of(tensor.dtype()), rowBytes > ChunkEntry.RAW_BYTES_MAX ? 0 : (int) rowBytes);
    }
}
