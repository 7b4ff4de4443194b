package dev.moorage.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each is one message that says what is wrong, one exit status, and with --json one JSON object; never a stack trace. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class BadInputTest {
    @Test
    void a_store_below_a_file_is_a_wrong_name_and_no_outage(@TempDir Path place) throws IOException {
        Path file = Files.writeString(place.resolve("file"), "x");
        Shell moorage = new Shell(Map.of());
        for (String store : List.of(file + "/below", file + "/below/deeper")) {
            assertThat(moorage.run("ls", "--store", store)).isEqualTo(2);
            assertThat(moorage.err()).contains(file + " is a file, not a directory; name a directory");
            assertThat(moorage.run("save", "job", "1", "--from", place.toString(), "--store", store))
                    .isEqualTo(2);
        }
    }

    private static final String F32_8X2 = "\"dtype\":\"F32\",\"shape\":[8,2]";

    private final Shell shell = new Shell(Map.of());

    @TempDir
    private Path folder;

    @BeforeEach
    void two_ranks() throws IOException {
        rank("from", "rank-0.bin");
        rank("from", "rank-1.bin");
        Files.createDirectory(folder.resolve("empty"));
        Files.createDirectory(folder.resolve("store"));
    }

    private void rank(String directory, String name) throws IOException {
        Files.write(Files.createDirectories(folder.resolve(directory)).resolve(name), new byte[100]);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "2 | save ../x 1 --from $/from --store $/store                    | job name must match",
                "2 | save /etc/x 1 --from $/from --store $/store                  | job name must match",
                "2 | save a{NUL}b 1 --from $/from --store $/store                 | 'a\\u0000b'",
                "2 | save Upper 1 --from $/from --store $/store                   | 'Upper'",
                "2 | save {LONG} 1 --from $/from --store $/store                  | aaa…'",
                "2 | save job -1 --from $/from --store $/store                    | step must be 0 to",
                "2 | save job 1e3 --from $/from --store $/store                   | a number from 0 to 2^63-1, was '1e3'",
                "2 | save job 18446744073709551616 --from $/from --store $/store  | '18446744073709551616'",
                "2 | save job 1 --from $/from --store $/store --codec zstd:0      | zstd level must be 1 to 22, was 0",
                "2 | save job 1 --from $/from --store $/store --codec zstd:x      | 'zstd:x'",
                "2 | save job 1 --from $/from --store $/store --verify sample:0   | above 0 and at most 1",
                "2 | save job 1 --from $/empty --store $/store                    | has no file called rank-0",
                "2 | save job 1 --from $/from --store ftp://host/x                | 'ftp://host/x': its scheme is unknown",
                "2 | save job 1 --from $/from --store $/from/rank-0.bin           | is not a directory",
                "2 | save job 1 --from $/from --endpoint garbage                  | HOST:PORT",
                "4 | save job 1 --from $/from --endpoint 127.0.0.1:1              | no coordinator answers at 127.0.0.1:1",
                "2 | save job 1 --split $/from/rank-0.bin --ranks 0               | --ranks must be 1 to 10000, was 0",
                "2 | save job 1 --split $/from/rank-0.bin --ranks 10000000        | was 10000000",
                "2 | save job 1 --split $/from/rank-0.bin --ranks x               | 'x' is not a number",
                "2 | save job 1 --split $/from --ranks 2                          | is not a regular file",
                "2 | save job 1 --from $/from --split x --ranks 2                 | mutually exclusive",
                "2 | demo --input $/from/rank-0.bin                               | rank-0.bin: the safetensors header is empty",
                "2 | demo --store ftp://host/x                                    | its scheme is unknown",
                "2 | ls Job --store $/store                                       | job name must match",
                "3 | ls job --store $/store                                       | job job has no checkpoints",
                "3 | ls job --store $/absent                                      | there is no such directory",
                "3 | show job 7 --store $/store                                   | job job step 7 is not in",
                "2 | show job newest --store $/store                              | latest-verified or a step",
                "3 | restore job latest --to $/to --store $/store                 | none was ever begun",
                "3 | verify job 7 --store $/store                                 | job job step 7",
                "2 | verify job 7 --depth deep --store $/store                    | was 'deep'",
                "2 | verify job 7 --ranks x --store $/store                       | was 'x'",
                "3 | cat job 7 --tensor t --out $/t --store $/store               | job job step 7",
                "2 | cancel job 7 --store $/store                                 | --endpoint HOST:PORT",
                "4 | workers --endpoint 127.0.0.1:1                               | no coordinator answers"
            })
    void a_wrong_request(int status, String line, String says) throws IOException {
        assertRefused(status, line, says);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "rank-2.bin                        | no file for rank 2 | rank-3.bin",
                "rank-1.safetensors                | two files for rank 1 | rank-1.txt",
                "rank-99999999999999999999.bin     | names a rank above 999,999 |",
                "rank-1000000.bin                  | names a rank above 999,999 |"
            })
    void a_folder_whose_ranks_do_not_add_up(String name, String says, String instead) throws IOException {
        rank("from", says.startsWith("no file") ? instead : name);

        assertRefused(2, "save job 1 --from $/from --store $/store", says);
    }

    @Test
    @Timeout(value = 30, unit = TimeUnit.SECONDS)
    void a_link_a_folder_and_a_pipe_are_no_shards() throws Exception {
        Path second = folder.resolve("from/rank-1.bin");
        Files.delete(second);
        Files.createSymbolicLink(second, folder.resolve("from/rank-0.bin"));
        assertRefused(2, "save job 1 --from $/from --store $/store", "rank-1.bin is a symbolic link");

        Files.delete(second);
        Files.createDirectory(second);
        assertRefused(2, "save job 1 --from $/from --store $/store", "rank-1.bin is not a regular file");

        Files.delete(second);
        assertThat(new ProcessBuilder("mkfifo", second.toString()).start().waitFor())
                .isZero();
        assertRefused(2, "save job 1 --from $/from --store $/store", "rank-1.bin is not a regular file");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "size that is not its shape's  | {'a':{'dtype':'F32','shape':[8,3],'data_offsets':[0,64]}} | takes 96",
                "negative size      | {'a':{'dtype':'F32','shape':[-8,-2],'data_offsets':[0,64]}}  | '-8'",
                "NaN size           | {'a':{'dtype':'F32','shape':[NaN,2],'data_offsets':[0,64]}}  | token 'NaN'",
                "fraction           | {'a':{'dtype':'F32','shape':[8.5,2],'data_offsets':[0,64]}}  | '8.5'",
                "huge size          | {'a':{'dtype':'F32','shape':[1099511627776,1099511627776],'data_offsets':[0,64]}} | 64 bits",
                "unknown dtype      | {'a':{'dtype':'Q7','shape':[8,2],'data_offsets':[0,64]}}     | dtype 'Q7'",
                "cut short          | {'a':{'dtype':'F32','shape':[8,4],'data_offsets':[0,128]}}   | 64 bytes of data",
                "bytes of nobody    | {'a':{'dtype':'F32','shape':[8],'data_offsets':[0,32]}}      | tensors end at 32",
                "overlap            | {'a':{'dtype':'F32','shape':[8,2],'data_offsets':[0,64]},'b':{'dtype':'F32','shape':[8],'data_offsets':[32,64]}} | overlap",
                "name twice         | {'a':{'dtype':'F32','shape':[8],'data_offsets':[0,32]},'a':{'dtype':'F32','shape':[8],'data_offsets':[32,64]}} | twice",
                "no JSON            | hello                                                        | is this a safetensors file?"
            })
    void a_header_that_lies(String what, String header, String says) throws IOException {
        header(header.replace('\'', '"').getBytes(StandardCharsets.UTF_8), -1);

        assertRefused(2, "save job 1 --split $/lies.safetensors --ranks 2 --store $/store", says);
        assertThat(shell.err()).as(what).contains("lies.safetensors").doesNotContain("JsonReadFeature");
    }

    @Test
    void a_header_length_that_lies() throws IOException {
        header(("{\"a\":{" + F32_8X2 + ",\"data_offsets\":[0,64]}}").getBytes(StandardCharsets.UTF_8), Long.MIN_VALUE);

        assertRefused(
                2, "save job 1 --split $/lies.safetensors --ranks 2 --store $/store", "has 9223372036854775808 bytes");
    }

    private void header(byte[] json, long length) throws IOException {
        ByteBuffer file = ByteBuffer.allocate(8 + json.length + 64).order(ByteOrder.LITTLE_ENDIAN);
        file.putLong(length == -1 ? json.length : length).put(json);
        Files.write(folder.resolve("lies.safetensors"), file.array());
    }

    private void assertRefused(int status, String line, String says) throws IOException {
        List<String> words = new ArrayList<>();
        for (String word : Arrays.asList(line.strip().split(" +"))) {
            words.add(
                    word.replace("$", folder.toString()).replace("{NUL}", "\0").replace("{LONG}", "a".repeat(10_000)));
        }

        int exit = shell.run(words.toArray(String[]::new));

        assertThat(exit).as(shell.err()).isEqualTo(status);
        assertThat(shell.err().lines()).hasSize(1);
        assertThat(shell.err())
                .startsWith("moorage: ")
                .contains(says)
                .hasSizeLessThan(1_000)
                .doesNotContain("Exception", "\tat ");
        assertJson(status, words);
        assertThat(folder.resolve("store/job")).doesNotExist();
    }

    private void assertJson(int status, List<String> words) throws IOException {
        if (words.get(0).equals("demo")) {
            return;
        }
        String[] args = Arrays.copyOf(words.toArray(String[]::new), words.size() + 1);
        args[words.size()] = "--json";
        assertThat(shell.run(args)).isEqualTo(status);
        assertThat(new ObjectMapper().readTree(shell.out()).at("/error/message").asText())
                .isNotEmpty();
    }
}
