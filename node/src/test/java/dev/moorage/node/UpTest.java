package dev.moorage.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.Config;
import dev.moorage.checkpoint.Safetensors;
import dev.moorage.protocol.Dtype;
import dev.moorage.storage.ObjectStore;
import dev.moorage.storage.Stores;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class UpTest {
    @TempDir
    private Path folder;

    @Test
    void ranks_of_other_processes_save_through_the_sockets_of_a_running_cluster() throws IOException {
        Path from = Files.createDirectory(folder.resolve("from"));
        for (int rank = 0; rank < 3; rank++) {
            byte[] bytes = new byte[100_000 * (rank + 1)];
            new Random(rank).nextBytes(bytes);
            Files.write(from.resolve("rank-" + rank + ".bin"), bytes);
        }
        Path root = folder.resolve("store");
        Config config = Configuration.load(Optional.empty(), Map.of("moorage.coordinator.listen", "127.0.0.1:0"));
        try (ObjectStore store = Stores.openForWriting(root.toString());
                EmbeddedCluster cluster = EmbeddedCluster.start(config, store, 2, EmbeddedCluster.Doors.SOCKETS)) {
            Shell shell = new Shell(Map.of("MOORAGE_ENDPOINT", cluster.endpoint()));

            assertThat(shell.run("workers")).as(shell::err).isZero();
            assertThat(shell.out()).contains("embedded-0", "embedded-1");
            assertThat(shell.run("save", "job", "3", "--from", from.toString(), "--verify", "full"))
                    .as(shell::err)
                    .isZero();
            assertThat(shell.out()).contains("COMMITTED", "GOOD");
            assertThat(shell.run("ls", "job")).as(shell::err).isZero();
            assertThat(shell.out()).contains("VERIFIED");
        }

        Shell offline = new Shell(Map.of());
        Path to = folder.resolve("to");
        assertThat(offline.run("restore", "job", "latest", "--store", root.toString(), "--to", to.toString()))
                .as(offline::err)
                .isZero();
        for (int rank = 0; rank < 3; rank++) {
            assertThat(to.resolve("rank-" + rank + ".bin"))
                    .hasSameBinaryContentAs(from.resolve("rank-" + rank + ".bin"));
        }
    }

    @Test
    void a_commit_is_followed_by_an_index_of_its_tensors() throws Exception {
        Path from = Files.createDirectories(folder.resolve("from"));
        List<Safetensors.Tensor> one =
                List.of(new Safetensors.Tensor("weight", Dtype.F32, List.of(4L), Optional.empty()));
        ByteBuffer header = Safetensors.header(one, Map.of());
        byte[] file = new byte[header.remaining() + 16];
        header.get(file, 0, header.remaining());
        Files.write(from.resolve("rank-0.safetensors"), file);
        Path index = folder.resolve("store/job/steps/00000000000000000003/a0001/tensors.pb");
        Config config = Configuration.load(Optional.empty(), Map.of("moorage.coordinator.listen", "127.0.0.1:0"));
        try (ObjectStore store = Stores.openForWriting(folder.resolve("store").toString());
                EmbeddedCluster cluster = EmbeddedCluster.start(config, store, 1, EmbeddedCluster.Doors.SOCKETS)) {
            Shell shell = new Shell(Map.of("MOORAGE_ENDPOINT", cluster.endpoint()));
            assertThat(shell.run("save", "job", "3", "--from", from.toString()))
                    .as(shell::err)
                    .isZero();
            long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
            while (!Files.exists(index) && System.nanoTime() < end) {
                Thread.sleep(20);
            }
        }
        assertThat(index).as("the index that nobody waits for").exists();
    }
}
