package dev.moorage.checkpoint;

import dev.moorage.protocol.Dtype;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Safetensors files for tests. */
final class Tensors {
    private Tensors() {}

    static Safetensors.Tensor tensor(String name, Dtype dtype, long... shape) {
        return new Safetensors.Tensor(name, dtype, Arrays.stream(shape).boxed().toList(), Optional.empty());
    }

    /** Only the head, as read back. */
    static SafetensorsHeader header(Safetensors.Tensor... tensors) {
        ByteBuffer header = Safetensors.header(List.of(tensors), Map.of("format", "pt"));
        long bytes = Arrays.stream(tensors).mapToLong(Safetensors.Tensor::bytes).sum();
        return Safetensors.parse(header, header.remaining() + bytes);
    }

    /** A whole file. */
    static byte[] file(long seed, List<Safetensors.Tensor> tensors) {
        List<Safetensors.Tensor> all = new ArrayList<>(tensors);
        ByteBuffer header = Safetensors.header(all, Map.of("format", "pt"));
        int bytes = Math.toIntExact(
                all.stream().mapToLong(Safetensors.Tensor::bytes).sum());
        return ByteBuffer.allocate(header.remaining() + bytes)
                .put(header)
                .put(Shelf.bytes(seed, bytes))
                .array();
    }
}
