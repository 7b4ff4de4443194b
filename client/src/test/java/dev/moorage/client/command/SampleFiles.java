package dev.moorage.client.command;

import dev.moorage.checkpoint.ExtentSource;
import dev.moorage.checkpoint.FileSource;
import dev.moorage.checkpoint.Safetensors;
import dev.moorage.checkpoint.ShardSource;
import dev.moorage.checkpoint.Split;
import dev.moorage.protocol.Dtype;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;

/** Files to save, with content that compresses as weights do. */
final class SampleFiles {
    private SampleFiles() {}

    /** A safetensors file: {@code layer.weight} F32 [1024, 64], which is split, and {@code layer.bias} F32 [10]. */
    static Path model(Path folder) throws IOException {
        List<Safetensors.Tensor> tensors = List.of(
                new Safetensors.Tensor("layer.weight", Dtype.F32, List.of(1024L, 64L), Optional.empty()),
                new Safetensors.Tensor("layer.bias", Dtype.F32, List.of(10L), Optional.empty()));
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        ByteBuffer header = Safetensors.header(tensors, Map.of("format", "pt"));
        byte[] head = new byte[header.remaining()];
        header.get(head);
        file.write(head);
        file.write(weights(1024 * 64 + 10, 1));
        return Files.write(folder.resolve("model.safetensors"), file.toByteArray());
    }

    /** The shards of a model for some ranks. */
    static List<ExtentSource> split(Path model, int ranks) {
        FileSource file = FileSource.open(model);
        return Split.shards(file, Safetensors.parse(file), ranks);
    }

    /** Files of opaque bytes. */
    static List<ShardSource> opaque(Path folder, int... lengths) throws IOException {
        List<ShardSource> sources = new ArrayList<>();
        for (int length : lengths) {
            Path file =
                    Files.write(folder.resolve("source-" + sources.size()), weights((length + 3) / 4, sources.size()));
            sources.add(FileSource.open(file, length));
        }
        return sources;
    }

    private static byte[] weights(int count, long seed) {
        Random random = new Random(seed);
        ByteBuffer bytes = ByteBuffer.allocate(count * 4).order(java.nio.ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            bytes.putFloat((float) (random.nextGaussian() * 0.02));
        }
        return bytes.array();
    }
}
