package dev.moorage.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The main job with daemons in processes of their own, over a real network stack. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
@EnabledOnOs(OS.LINUX)
class SeparateProcessesTest {
    private static final String JOB = "net";

    // Unix socket paths end at 107 bytes, so the folder's name is short.
    @TempDir
    Path folder;

    @Test
    void a_worker_that_is_killed_in_the_middle_of_a_save_comes_back_and_the_checkpoint_is_whole() throws Exception {
        Path model = model(24 << 20);
        try (Daemons cluster = new Daemons(folder)) {
            cluster.startCoordinator("c1", List.of());
            String seed = cluster.fact("c1", "cluster");
            cluster.startWorker("w1", seed);
            cluster.startWorker("w2", seed);
            String endpoint = cluster.fact("c1", "endpoint");

            Process save = cluster.begin("save", save(model, 1, "zstd:15", endpoint));
            Path attempt = attempt(cluster, 1);
            Daemons.await(attempt.resolve("intent.json"), save);
            cluster.kill("w2");
            assertThat(attempt.resolve("manifest.json"))
                    .as("killed in the middle")
                    .doesNotExist();
            cluster.startWorker("w2", seed);

            Daemons.Ended saved = cluster.end("save", save);
            assertThat(saved.status()).as("%s%n%s", saved, cluster.logs()).isZero();
            restored(cluster, model, "1");
        }
    }

    @Test
    void a_coordinator_that_is_killed_in_the_middle_of_a_save_is_followed_by_another_which_finishes_it()
            throws Exception {
        Path model = model(24 << 20);
        try (Daemons cluster = new Daemons(folder)) {
            cluster.startCoordinator("c1", List.of());
            String seed = cluster.fact("c1", "cluster");
            cluster.startCoordinator("c2", List.of(seed));
            cluster.startCoordinator("c3", List.of(seed));
            cluster.startWorker("w1", seed);
            String endpoints = cluster.fact("c2", "endpoint") + "," + cluster.fact("c3", "endpoint");

            Process save = cluster.begin("save", save(model, 1, "zstd:15", endpoints));
            Daemons.await(attempt(cluster, 1).resolve("intent.json"), save);
            cluster.kill("c1");

            Daemons.Ended saved = cluster.end("save", save);
            assertThat(saved.status()).as("%s%n%s", saved, cluster.logs()).isZero();
            restored(cluster, model, "latest");
        }
    }

    private static String[] save(Path model, int step, String codec, String endpoint) {
        return new String[] {
            "save",
            JOB,
            "" + step,
            "--split",
            model.toString(),
            "--ranks",
            "5",
            "--codec",
            codec,
            "--verify",
            "full",
            "--endpoint",
            endpoint
        };
    }

    private void restored(Daemons cluster, Path model, String step) throws Exception {
        Path merged = folder.resolve("merged-" + step + ".safetensors");
        String to = folder.resolve("to-" + step).toString();
        Daemons.Ended restore = cluster.run(
                "restore",
                "restore",
                JOB,
                step,
                "--store",
                cluster.store().toString(),
                "--to",
                to,
                "--merge",
                merged.toString());
        assertThat(restore.status()).as("%s", restore).isZero();
        assertThat(Files.mismatch(model, merged)).as("restored equals saved").isEqualTo(-1);
    }

    private static Path attempt(Daemons cluster, int step) {
        return cluster.store()
                .resolve(JOB)
                .resolve("steps")
                .resolve(String.format("%020d", step))
                .resolve("a0001");
    }

    /** A safetensors file of two float tensors with noise, so that compressing it takes a while. */
    private Path model(int bytes) throws IOException {
        int half = bytes / 2;
        String header = String.format(
                "{\"a.weight\":{\"dtype\":\"F32\",\"shape\":[%d,64],\"data_offsets\":[0,%d]},"
                        + "\"b.weight\":{\"dtype\":\"F32\",\"shape\":[%d,64],\"data_offsets\":[%d,%d]}}",
                half / 256, half, half / 256, half, 2 * half);
        byte[] head = header.getBytes(StandardCharsets.US_ASCII);
        ByteBuffer data = ByteBuffer.allocate(half).order(ByteOrder.LITTLE_ENDIAN);
        Path file = folder.resolve("model.safetensors");
        Random random = new Random(3);
        try (OutputStream out = Files.newOutputStream(file)) {
            out.write(ByteBuffer.allocate(8)
                    .order(ByteOrder.LITTLE_ENDIAN)
                    .putLong(head.length)
                    .array());
            out.write(head);
            for (int tensor = 0; tensor < 2; tensor++) {
                data.clear();
                while (data.hasRemaining()) {
                    data.putFloat((float) random.nextGaussian());
                }
                out.write(data.array());
            }
        }
        return file;
    }
}
