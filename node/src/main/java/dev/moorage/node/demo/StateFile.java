package dev.moorage.node.demo;

import dev.moorage.checkpoint.Safetensors;
import dev.moorage.protocol.Dtype;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * One rank's share of a training state with statistics as they are found in real ones: bf16 weights, normal with a deviation
 * that depends on the layer, and Adam's two moments in f32, the second the square of a small normal value.
 */
final class StateFile {
    private static final int LAYERS = 4;
    private static final int ROWS = 1024;
    private static final int COLUMNS = 1024;

    /** Length of all tensors of a rank: each weight has 2 bytes and two moments of 4. */
    static final long BYTES = 10L * LAYERS * ROWS * COLUMNS;

    private static final int BUFFER_BYTES = 1 << 20;

    private final RandomGenerator random;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);

    private StateFile(int rank) {
        this.random = new SplittableRandom(rank);
    }

    /** Writes the file of a rank: the same bytes for the same rank. */
    static void write(Path file, int rank) throws IOException {
        new StateFile(rank).write(file);
    }

    private void write(Path file) throws IOException {
        List<Safetensors.Tensor> tensors = new ArrayList<>();
        for (String moment : List.of("optimizer.exp_avg", "optimizer.exp_avg_sq")) {
            for (int layer = 0; layer < LAYERS; layer++) {
                tensors.add(tensor(moment + "." + layer, Dtype.F32));
            }
        }
        for (int layer = 0; layer < LAYERS; layer++) {
            tensors.add(tensor("model.layers." + layer + ".weight", Dtype.BF16));
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            drain(channel, Safetensors.header(tensors, Map.of("format", "pt")));
            for (int layer = 0; layer < LAYERS; layer++) {
                fill(channel, Dtype.F32, () -> (float) (random.nextGaussian() * 1e-4));
            }
            for (int layer = 0; layer < LAYERS; layer++) {
                fill(channel, Dtype.F32, () -> square((float) (random.nextGaussian() * 1e-4)));
            }
            for (int layer = 0; layer < LAYERS; layer++) {
                double deviation = 0.02 / Math.sqrt(layer + 1.0);
                fill(channel, Dtype.BF16, () -> (float) (random.nextGaussian() * deviation));
            }
        }
    }

    private static Safetensors.Tensor tensor(String name, Dtype dtype) {
        return new Safetensors.Tensor(name, dtype, List.of((long) ROWS, (long) COLUMNS), Optional.empty());
    }

    private static float square(float value) {
        return value * value;
    }

    /** One number after the other, without a box around it. */
    private interface Numbers {
        float next();
    }

    private void fill(FileChannel channel, Dtype dtype, Numbers numbers) throws IOException {
        buffer.clear();
        for (int i = 0; i < ROWS * COLUMNS; i++) {
            int bits = Float.floatToRawIntBits(numbers.next());
            if (dtype == Dtype.F32) {
                buffer.putInt(bits);
            } else {
                buffer.putShort((short) (bits >>> 16));
            }
            if (!buffer.hasRemaining()) {
                drain(channel, buffer.flip());
                buffer.clear();
            }
        }
        drain(channel, buffer.flip());
    }

    private static void drain(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
