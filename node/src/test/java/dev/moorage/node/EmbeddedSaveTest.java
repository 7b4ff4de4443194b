package dev.moorage.node;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.checkpoint.Safetensors;
import dev.moorage.protocol.Dtype;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class EmbeddedSaveTest {
    private final Shell shell = new Shell(Map.of());

    @TempDir
    private Path folder;

    @Test
    void what_is_saved_from_a_folder_is_restored_byte_for_byte() throws IOException {
        Path from = Files.createDirectory(folder.resolve("from"));
        Files.write(from.resolve("rank-0.bin"), bytes(5 << 20));
        Files.write(from.resolve("rank-1.bin"), new byte[0]);
        writeModel(from.resolve("rank-2.safetensors"), 300);
        String store = folder.resolve("store").toUri().toString();

        assertRun("save", "job", "7", "--from", from.toString(), "--store", store, "--verify", "full", "--meta", "a=b");
        assertThat(shell.out())
                .contains(
                        "job job step 7: COMMITTED",
                        "3 ranks",
                        "verified full by other workers than the writers: GOOD");

        Path to = folder.resolve("to");
        assertRun("restore", "job", "latest-verified", "--store", store, "--to", to.toString());
        for (String file : List.of("rank-0.bin", "rank-1.bin", "rank-2.safetensors")) {
            assertThat(to.resolve(file)).hasSameBinaryContentAs(from.resolve(file));
        }
    }

    @Test
    void a_file_that_was_split_is_merged_byte_for_byte() throws IOException {
        Path model = folder.resolve("model.safetensors");
        writeModel(model, 1000);
        String store = folder.resolve("store").toString();

        assertRun("save", "job", "1", "--split", model.toString(), "--ranks", "4", "--store", store, "--json");
        assertThat(shell.out()).contains("\"state\":\"COMMITTED\"", "\"world_size\":4");

        Path merged = folder.resolve("merged.safetensors");
        assertRun("restore", "job", "1", "--store", store, "--merge", merged.toString());
        assertThat(merged).hasSameBinaryContentAs(model);
    }

    @Test
    void the_same_step_again_answers_what_is_there() throws IOException {
        Path from = Files.createDirectory(folder.resolve("from"));
        Files.write(from.resolve("rank-0.bin"), bytes(1000));
        String store = folder.resolve("store").toString();
        assertRun("save", "job", "1", "--from", from.toString(), "--store", store, "--codec", "none");

        Files.write(from.resolve("rank-0.bin"), bytes(2000));
        assertRun("save", "job", "1", "--from", from.toString(), "--store", store);

        assertThat(shell.out()).contains("already committed");
        Path to = folder.resolve("to");
        assertRun("restore", "job", "1", "--store", store, "--to", to.toString());
        assertThat(to.resolve("rank-0.bin")).hasSize(1000);
    }

    private void assertRun(String... args) {
        assertThat(shell.run(args)).as(() -> shell.out() + shell.err()).isZero();
    }

    private static byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        new Random(count).nextBytes(bytes);
        return bytes;
    }

    private static void writeModel(Path file, long rows) throws IOException {
        List<Safetensors.Tensor> tensors = List.of(
                new Safetensors.Tensor("weight", Dtype.F32, List.of(rows, 257L), Optional.empty()),
                new Safetensors.Tensor("bias", Dtype.BF16, List.of(rows), Optional.empty()));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            channel.write(Safetensors.header(tensors, Map.of("format", "pt")));
            long bytes = tensors.stream().mapToLong(Safetensors.Tensor::bytes).sum();
            channel.write(ByteBuffer.wrap(bytes(Math.toIntExact(bytes))));
        }
    }
}
