package dev.moorage.checkpoint;

import dev.moorage.protocol.Dtype;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A safetensors file in memory, outside of the heap, and how it is cut into chunks. */
record Model(ByteBuffer bytes, ChunkPlan plan) {
    /** The file as it is. */
    static Model read(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer bytes = direct(Math.toIntExact(channel.size()));
            while (bytes.hasRemaining() && channel.read(bytes) >= 0) {}
            return of(bytes.flip());
        }
    }

    private static Model of(ByteBuffer bytes) throws IOException {
        SafetensorsHeader header = Safetensors.parse(new MemorySource(bytes.duplicate()));
        return new Model(bytes, ChunkPlan.safetensors(header, bytes.capacity()));
    }

    /** The same with BF16 in place of F32, rounded to nearest, ties to even; other types are left out. */
    Model asBf16() throws IOException {
        List<Safetensors.Tensor> tensors = new ArrayList<>();
        List<TensorEntry> sources = new ArrayList<>();
        for (TensorEntry tensor :
                Safetensors.parse(new MemorySource(bytes.duplicate())).tensors()) {
            if (tensor.dtype() == Dtype.F32) {
                tensors.add(new Safetensors.Tensor(tensor.name(), Dtype.BF16, tensor.shape(), Optional.empty()));
                sources.add(tensor);
            }
        }
        ByteBuffer header = Safetensors.header(tensors, Map.of());
        long length = sources.stream().mapToLong(TensorEntry::bytes).sum() / 2;
        ByteBuffer rounded = direct(header.remaining() + (int) length).put(header);
        for (TensorEntry source : sources) {
            for (long at = source.begin(); at < source.end(); at += Float.BYTES) {
                int bits = bytes.getInt((int) at);
                rounded.putShort((short) ((bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16));
            }
        }
        return of(rounded.flip());
    }

    private static ByteBuffer direct(int length) {
        return ByteBuffer.allocateDirect(length).order(ByteOrder.LITTLE_ENDIAN);
    }
}
