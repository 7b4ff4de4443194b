package dev.moorage.client.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.ShardFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What comes back from a store as files, and what never does. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RestoreCommandTest {
    private static final int RANKS = 3;

    @TempDir
    Path folder;

    private final Shell shell = new Shell();
    private String store;
    private Path model;
    private Path to;

    @BeforeEach
    void save() throws IOException {
        store = folder.resolve("store").toString();
        model = SampleFiles.model(folder);
        to = folder.resolve("deep/down/to");
        try (StoredJob job = new StoredJob(Path.of(store), "llama")) {
            job.commit(10, Codec.DEFAULT, ShardFormat.SAFETENSORS, SampleFiles.split(model, RANKS));
            job.commit(11, Codec.NONE, ShardFormat.OPAQUE, SampleFiles.opaque(folder, 2048, 0));
        }
    }

    @Test
    void every_rank_comes_back_and_the_merge_is_the_file_that_was_split() throws IOException {
        Path merged = folder.resolve("merged/model.safetensors");

        restore("10", "--to", to.toString(), "--merge", merged.toString());

        assertThat(shell.exit).as(shell.err()).isZero();
        assertThat(names(to)).containsExactly("rank-0.safetensors", "rank-1.safetensors", "rank-2.safetensors");
        assertThat(merged).hasSameBinaryContentAs(model);
        assertThat(names(merged.getParent())).containsExactly("model.safetensors");
        assertThat(shell.out()).contains("3 shards").contains("every byte verified");
    }

    @Test
    void opaque_shards_come_back_as_they_were_also_an_empty_one() throws IOException {
        JsonNode json = restore("latest", "--to", to.toString(), "--json").json();

        assertThat(to.resolve("rank-0.bin")).hasSameBinaryContentAs(head(folder.resolve("source-0"), 2048));
        assertThat(to.resolve("rank-1.bin")).isEmptyFile();
        assertThat(json.get("step").asLong()).isEqualTo(11);
        assertThat(json.get("files").get(0).get("path").asText()).endsWith("rank-0.bin");
        assertThat(json.get("files").get(0).get("bytes").asLong()).isEqualTo(2048);
    }

    @Test
    void a_flipped_bit_is_refused_with_rank_and_chunk_and_nothing_is_left() throws IOException {
        damage(1, bytes -> bytes[bytes.length / 2] ^= 1);

        restore("10", "--to", to.toString(), "--merge", folder.resolve("merged").toString());

        assertThat(shell.exit).isEqualTo(5);
        assertThat(shell.err()).contains("rank 1").contains("chunk").doesNotContain("\tat ");
        assertThat(folder.resolve("deep")).doesNotExist();
        assertThat(names(folder)).containsExactly("model.safetensors", "source-0", "source-1", "store");
    }

    @Test
    void a_flipped_bit_in_the_last_byte_is_refused_too() throws IOException {
        damage(2, bytes -> bytes[bytes.length - 1] ^= 64);

        assertThat(restore("10", "--to", to.toString()).exit).isEqualTo(5);
        assertThat(to).doesNotExist();
    }

    @Test
    void latest_moves_on_from_a_corrupt_shard_and_an_explicit_step_does_not() throws IOException {
        damage(11, 0, bytes -> bytes[20] ^= 1);

        assertThat(restore("11", "--to", to.toString()).exit).isEqualTo(5);

        JsonNode json = restore("latest", "--to", to.toString(), "--json").json();
        assertThat(shell.exit).isZero();
        assertThat(json.get("step").asLong()).isEqualTo(10);
        assertThat(json.get("passed_over").get(0).get("step").asLong()).isEqualTo(11);
        assertThat(shell.err())
                .contains("passed over step 11:")
                .contains("rank 0")
                .contains("chunk");
        assertThat(names(to)).containsExactly("rank-0.safetensors", "rank-1.safetensors", "rank-2.safetensors");
    }

    @Test
    void a_latest_of_which_none_holds_is_corrupt_and_leaves_nothing() throws IOException {
        damage(11, 0, bytes -> bytes[20] ^= 1);
        damage(10, 0, bytes -> bytes[20] ^= 1);

        restore("latest", "--to", to.toString());

        assertThat(shell.exit).isEqualTo(5);
        assertThat(folder.resolve("deep")).doesNotExist();
    }

    @Test
    void what_was_in_the_target_stays_when_a_restore_fails() throws IOException {
        Files.createDirectories(to);
        Files.writeString(to.resolve("notes.txt"), "mine");
        damage(0, bytes -> bytes[20] ^= 1);

        assertThat(restore("10", "--to", to.toString()).exit).isEqualTo(5);

        assertThat(names(to)).containsExactly("notes.txt");
    }

    @Test
    void files_that_are_there_are_not_replaced_unless_it_is_said() throws IOException {
        Files.createDirectories(to);
        Files.writeString(to.resolve("rank-2.safetensors"), "mine");

        restore("10", "--to", to.toString());
        assertThat(shell.exit).isEqualTo(2);
        assertThat(shell.err()).contains("rank-2.safetensors").contains("--overwrite");
        assertThat(names(to)).containsExactly("rank-2.safetensors");
        assertThat(to.resolve("rank-2.safetensors")).hasContent("mine");

        assertThat(restore("10", "--to", to.toString(), "--overwrite").exit).isZero();
        assertThat(Files.size(to.resolve("rank-2.safetensors"))).isGreaterThan(4);
    }

    @Test
    void what_was_not_split_cannot_be_merged() {
        restore("11", "--merge", folder.resolve("merged").toString());

        assertThat(shell.exit).isEqualTo(2);
        assertThat(folder.resolve("merged")).doesNotExist();
    }

    @Test
    void cat_puts_the_slices_of_a_tensor_together() throws IOException {
        byte[] file = Files.readAllBytes(model);
        int header = 8
                + (int) ByteBuffer.wrap(file)
                        .order(java.nio.ByteOrder.LITTLE_ENDIAN)
                        .getLong(0);
        byte[] weight = Arrays.copyOfRange(file, header, header + 1024 * 64 * 4);

        assertThat(cat("layer.weight").bytes()).as(shell.err()).isEqualTo(weight);

        Path out = folder.resolve("weight.raw");
        JsonNode json = cat("layer.weight", "--out", out.toString(), "--json").json();
        assertThat(out).hasBinaryContent(weight);
        assertThat(json.get("shape").toString()).isEqualTo("[1024,64]");
        assertThat(json.get("ranks")).hasSize(RANKS);
    }

    @Test
    void cat_of_a_tensor_whose_bytes_are_damaged_writes_nothing() throws IOException {
        damage(2, bytes -> bytes[bytes.length / 2] ^= 1);

        cat("layer.weight");

        assertThat(shell.exit).isEqualTo(5);
        assertThat(shell.bytes()).isEmpty();
        assertThat(shell.err()).contains("rank 2");
        assertThat(cat("layer.bias").exit).as("a tensor of another shard").isZero();
    }

    @Test
    void cat_of_a_tensor_needs_only_the_part_records_of_its_ranks() throws IOException {
        try (StoredJob job = new StoredJob(Path.of(store), "llama")) {
            job.index(job.commit(12, Codec.NONE, ShardFormat.SAFETENSORS, SampleFiles.split(model, RANKS)));
        }
        Files.delete(folder.resolve("store/llama/steps/00000000000000000012/a0001/parts/000002.pb"));

        shell.run("cat", "llama", "12", "--store", store, "--tensor", "layer.bias");
        assertThat(shell.exit).as(shell.err()).isZero();
        shell.run("cat", "llama", "12", "--store", store, "--tensor", "layer.weight");
        assertThat(shell.exit).as("a slice of it is on rank 2").isEqualTo(5);
        assertThat(shell.err()).contains("ranks 2");
    }

    @Test
    void cat_needs_to_know_the_tensor_and_refuses_a_terminal() {
        assertThat(cat("weight").exit).isEqualTo(3);
        assertThat(shell.err()).contains("similar: layer.weight");

        Shell terminal = new Shell(java.util.Map.of(), true);
        terminal.run("cat", "llama", "10", "--store", store, "--tensor", "layer.weight");
        assertThat(terminal.exit).isEqualTo(2);
        assertThat(terminal.err()).contains("--out");
    }

    private Shell restore(String step, String... more) {
        return shell.run(Stream.concat(Stream.of("restore", "llama", step, "--store", store), Stream.of(more))
                .toArray(String[]::new));
    }

    private Shell cat(String tensor, String... more) {
        return shell.run(
                Stream.concat(Stream.of("cat", "llama", "10", "--store", store, "--tensor", tensor), Stream.of(more))
                        .toArray(String[]::new));
    }

    private interface Damage {
        void to(byte[] bytes);
    }

    private void damage(int rank, Damage damage) throws IOException {
        damage(10, rank, damage);
    }

    private void damage(long step, int rank, Damage damage) throws IOException {
        Path shards = Path.of(store, "llama/steps/" + String.format("%020d", step) + "/a0001/shards");
        try (Stream<Path> listed = Files.list(shards)) {
            Path shard = listed.filter(file -> file.getFileName().toString().startsWith("rank-00000" + rank))
                    .findFirst()
                    .orElseThrow();
            byte[] bytes = Files.readAllBytes(shard);
            damage.to(bytes);
            Files.delete(shard);
            Files.write(shard, bytes);
        }
    }

    private Path head(Path file, int length) throws IOException {
        return Files.write(folder.resolve("head"), Arrays.copyOf(Files.readAllBytes(file), length));
    }

    private static List<String> names(Path directory) throws IOException {
        try (Stream<Path> listed = Files.list(directory)) {
            return listed.map(file -> file.getFileName().toString()).sorted().toList();
        }
    }
}
