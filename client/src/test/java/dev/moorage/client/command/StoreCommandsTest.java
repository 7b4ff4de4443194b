package dev.moorage.client.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.ShardFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the commands that ask say of a store, without any cluster. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class StoreCommandsTest {
    @TempDir
    Path folder;

    private final Shell shell = new Shell();
    private String store;

    @BeforeEach
    void save() throws IOException {
        store = folder.resolve("store").toString();
        try (StoredJob job = new StoredJob(Path.of(store), "llama")) {
            job.commit(9, Codec.NONE, ShardFormat.OPAQUE, SampleFiles.opaque(folder, 3_000_000, 1_500_000));
            job.commit(10, Codec.NONE, ShardFormat.OPAQUE, SampleFiles.opaque(folder, 2048, 100));
            job.abort(11, "rank 1: no space left on the store", SampleFiles.opaque(folder, 2048, 100));
        }
    }

    @Test
    void ls_lists_jobs_one_a_line() {
        assertThat(shell.run("ls", "--store", store).out()).isEqualTo("llama\n");
        assertThat(shell.exit).isZero();
    }

    @Test
    void ls_lists_checkpoints_newest_first() {
        assertThat(shell.run("ls", "llama", "--store", store).out()).isEqualTo("""
                        STEP  STATE      VERIFIED  RANKS     SIZE   STORED  RATIO  CREATED               REASON
                          11  ABORTED    -             2  2.1 KiB        -      -  2026-01-02 03:04:05Z  attempt 1 was aborted: rank 1: no space left on the store
                          10  COMMITTED  -             2  2.1 KiB  2.1 KiB  1.000  2026-01-02 03:04:05Z
                           9  COMMITTED  -             2  4.3 MiB  4.3 MiB  1.000  2026-01-02 03:04:05Z
                        """);
    }

    @Test
    void ls_as_json_has_every_checkpoint() throws IOException {
        JsonNode list =
                shell.run("ls", "llama", "--store", store, "--json").json().get("checkpoints");

        assertThat(list.findValuesAsText("step")).containsExactly("11", "10", "9");
        assertThat(list.get(2).get("raw_bytes").asLong()).isEqualTo(4_500_000);
        assertThat(list.get(0).get("state").asText()).isEqualTo("ABORTED");
        assertThat(list.get(0).get("reason").asText()).contains("no space left");
        assertThat(list.get(1).get("created_at").asText()).isEqualTo("2026-01-02T03:04:05Z");
    }

    @Test
    void show_of_a_checkpoint_with_a_damaged_part_record_shows_the_rest_and_names_the_damage() throws IOException {
        Path record = Path.of(store, "llama/steps/00000000000000000010/a0001/parts/000000.pb");
        byte[] bytes = Files.readAllBytes(record);
        bytes[bytes.length / 2] ^= 1;
        Files.write(record, bytes);

        String shown = shell.run("show", "llama", "10", "--store", store).out();
        assertThat(shell.exit).isEqualTo(5);
        assertThat(shown).contains("COMMITTED", "2.1 KiB", "rank-000001").doesNotContain("rank-000000");
        assertThat(shell.err()).contains("ranks 0", "parts/000000.pb", "restore another checkpoint");

        JsonNode json =
                shell.run("show", "llama", "10", "--store", store, "--json").json();
        assertThat(shell.exit).isEqualTo(5);
        assertThat(json.get("shards")).hasSize(1);
        assertThat(json.get("damages")).hasSize(1);
    }

    @Test
    void show_names_every_shard() {
        String shown = shell.run("show", "llama", "10", "--store", store).out();

        assertThat(shown.replaceAll("[0-9a-f]{32}", "<id>").replaceAll(" [0-9a-f]{8} ", " <sum>    "))
                .isEqualTo("""
                        job        llama step 10
                        state      COMMITTED, attempt 1 of run 1
                        verified   not yet
                        size       2.1 KiB, stored 2.1 KiB, ratio 1.000
                        ranks      2
                        codec      none
                        verify     full
                        created    2026-01-02 03:04:05Z
                        metadata   epoch = 4
                        objects    llama/steps/00000000000000000010/a0001/shards/

                        RANK     SIZE   STORED  RATIO  CODEC  RAW CRC32C  STORED CRC32C  OBJECT
                           0  2.0 KiB  2.0 KiB  1.000  none   <sum>       <sum>          rank-000000.<id>.bin
                           1    100 B    100 B  1.000  none   <sum>       <sum>          rank-000001.<id>.bin
                        """);
    }

    @Test
    void show_as_json_has_shards_metadata_and_verdicts() throws IOException {
        shell.run("verify", "llama", "10", "--store", store, "--record");

        JsonNode shown =
                shell.run("show", "llama", "latest", "--store", store, "--json").json();

        assertThat(shown.get("step").asLong()).isEqualTo(10);
        assertThat(shown.get("verification").asText()).isEqualTo("VERIFIED");
        assertThat(shown.get("metadata").get("epoch").asText()).isEqualTo("4");
        assertThat(shown.get("verdicts").get(0).get("result").asText()).isEqualTo("GOOD");
        assertThat(shown.get("shards")).hasSize(2);
        assertThat(shown.get("shards").get(1).get("raw_crc32c").asText()).matches("[0-9a-f]{8}");
    }

    @Test
    void latest_passes_over_what_is_no_checkpoint_and_says_why() {
        shell.run("show", "llama", "latest", "--store", store);

        assertThat(shell.out()).startsWith("job        llama step 10\n");
        assertThat(shell.err()).contains("passed over step 11:").contains("no space left on the store");
    }

    @Test
    void latest_verified_passes_over_what_nobody_proved() {
        shell.run("verify", "llama", "9", "--store", store, "--record");
        shell.run("show", "llama", "latest-verified", "--store", store);

        assertThat(shell.out()).startsWith("job        llama step 9\n");
        assertThat(shell.err()).contains("passed over step 11:").contains("passed over step 10:");
    }

    @Test
    void verify_says_good_and_records_nothing_unless_asked() {
        shell.run("verify", "llama", "10", "--store", store);

        assertThat(shell.exit).isZero();
        assertThat(shell.out()).startsWith("job llama step 10: GOOD, 2 shards at depth full");
        assertThat(shell.err()).contains("--record");
        assertThat(folder.resolve("store/llama/steps/00000000000000000010/a0001/verify"))
                .doesNotExist();
    }

    @Test
    void verify_names_rank_chunk_and_sums_of_a_flipped_bit() throws IOException {
        flip(9, 1, 70_000);

        shell.run("verify", "llama", "9", "--store", store, "--record");

        assertThat(shell.exit).isEqualTo(5);
        assertThat(shell.out().lines().toList()).hasSizeGreaterThanOrEqualTo(3);
        assertThat(shell.out())
                .startsWith("job llama step 9: CORRUPT, 2 shards at depth full")
                .containsPattern("\n +1 +0  CORRUPT  .*rank 1.*");
        assertThat(shell.err()).contains("the checkpoint is now CORRUPT");

        JsonNode json =
                shell.run("verify", "llama", "9", "--store", store, "--json").json();
        assertThat(shell.exit).isEqualTo(5);
        JsonNode finding = json.get("findings").get(0);
        assertThat(finding.get("rank").asInt()).isEqualTo(1);
        assertThat(finding.get("chunk").asInt()).isZero();
        assertThat(finding.get("message").asText()).containsPattern("[0-9a-f]{8}.*[0-9a-f]{8}");
    }

    @Test
    void verify_of_some_ranks_looks_at_those_only() throws IOException {
        flip(9, 1, 70_000);

        assertThat(shell.run("verify", "llama", "9", "--store", store, "--ranks", "0").exit)
                .isZero();
        assertThat(shell.out()).contains("1 shard ");
    }

    @Test
    void status_sums_a_job_up() throws IOException {
        assertThat(shell.run("status", "--store", store).out()).isEqualTo("""
                        JOB    CHECKPOINTS  LATEST  VERIFIED  OPEN
                        llama            2      10         -  -
                        """);
        assertThat(shell.run("status", "--store", store, "--json")
                        .json()
                        .get("jobs")
                        .get(0)
                        .get("latest")
                        .asLong())
                .isEqualTo(10);
    }

    @Test
    void what_is_not_there_exits_with_3_and_one_line() {
        for (List<String> missing : List.of(
                List.of("show", "llama", "77"),
                List.of("verify", "llama", "77"),
                List.of("restore", "llama", "77", "--to", folder.resolve("x").toString()),
                List.of(
                        "restore",
                        "nobody",
                        "latest",
                        "--to",
                        folder.resolve("x").toString()),
                List.of("show", "llama", "latest-verified"),
                List.of("ls", "nobody"))) {
            shell.run(with(missing, "--store", store));

            assertThat(shell.exit).as(missing.toString()).isEqualTo(3);
            assertThat(shell.err())
                    .as(missing.toString())
                    .startsWith("moorage: ")
                    .doesNotContain("\tat ");
        }
        assertThat(folder.resolve("x")).doesNotExist();
        assertThat(shell.run("ls", "--store", folder.resolve("none").toString()).exit)
                .isEqualTo(3);
    }

    @Test
    void what_is_wrong_exits_with_2_and_one_line() {
        for (List<String> wrong : List.of(
                List.of("ls", "../etc"),
                List.of("ls", "/etc"),
                List.of("ls", "a\u0000b"),
                List.of("ls", "x".repeat(5000)),
                List.of("show", "llama", "-1"),
                List.of("show", "llama", "99999999999999999999"),
                List.of("show", "llama", "newest"),
                List.of("show", "llama"),
                List.of("verify", "llama", "10", "--depth", "sample:NaN"),
                List.of("verify", "llama", "10", "--depth", "none"),
                List.of("verify", "llama", "10", "--ranks", "3-1"),
                List.of("restore", "llama", "10"),
                List.of("workers"),
                List.of("cancel", "llama", "10"),
                List.of("frobnicate"))) {
            shell.run(with(wrong, "--store", store));

            assertThat(shell.exit).as(wrong.toString()).isEqualTo(2);
            assertThat(shell.err())
                    .as(wrong.toString())
                    .startsWith("moorage: ")
                    .doesNotContain("\tat ")
                    .doesNotContain("Exception");
            assertThat(shell.err().lines()).as(wrong.toString()).hasSize(1);
        }
        assertThat(shell.run("ls", "llama").err()).contains("--store").contains("--endpoint");
        assertThat(shell.exit).isEqualTo(2);
    }

    @Test
    void an_error_as_json_is_one_object_with_its_kind() throws IOException {
        JsonNode error = shell.run("show", "llama", "77", "--store", store, "--json")
                .json()
                .get("error");

        assertThat(error.get("kind").asText()).isEqualTo("NOT_FOUND");
        assertThat(error.get("message").asText()).contains("llama step 77");
    }

    @Test
    void the_environment_names_the_store_and_the_command_line_wins() {
        Shell named = new Shell(Map.of("MOORAGE_STORE", store, "MOORAGE_ENDPOINT", ""), false);
        assertThat(named.run("ls").out()).isEqualTo("llama\n");

        Shell elsewhere = new Shell(Map.of("MOORAGE_ENDPOINT", "127.0.0.1:1"), false);
        assertThat(elsewhere.run("ls", "--store", store).out()).isEqualTo("llama\n");
    }

    @Test
    void colours_are_for_terminals_that_want_them() {
        Shell terminal = new Shell(Map.of("TERM", "xterm"), true);
        assertThat(terminal.run("ls", "llama", "--store", store).out()).contains("\u001b[32mCOMMITTED\u001b[0m");

        Shell plain = new Shell(Map.of("TERM", "xterm", "NO_COLOR", "1"), true);
        assertThat(plain.run("ls", "llama", "--store", store).out()).doesNotContain("\u001b");
    }

    @Test
    void a_stack_trace_is_printed_only_when_asked_for() {
        Shell debug = new Shell(Map.of("MOORAGE_DEBUG", "1"), false);
        assertThat(debug.run("show", "llama", "77", "--store", store).err()).contains("\tat ");
    }

    private void flip(long step, int rank, int position) throws IOException {
        Path shards = Path.of(store, "llama/steps/" + String.format("%020d", step) + "/a0001/shards");
        try (var listed = Files.list(shards)) {
            Path shard = listed.filter(file -> file.getFileName().toString().startsWith("rank-00000" + rank))
                    .findFirst()
                    .orElseThrow();
            byte[] bytes = Files.readAllBytes(shard);
            bytes[position] ^= 4;
            assertThat(shard.toFile().setWritable(true)).isTrue();
            Files.write(shard, bytes);
        }
    }

    private static String[] with(List<String> args, String... more) {
        return Stream.concat(args.stream(), Stream.of(more)).toArray(String[]::new);
    }
}
