package dev.moorage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Step;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RecordDamageTest {
    static Stream<Samples.Stored> json() {
        return Samples.json();
    }

    static Stream<Samples.Stored> all() {
        return Stream.concat(Samples.json(), Samples.binary());
    }

    @ParameterizedTest
    @MethodSource("all")
    void any_flipped_bit_is_refused(Samples.Stored record) {
        for (int i = 0; i < record.bytes().remaining() * 8; i++) {
            ByteBuffer flipped = copy(record.bytes());
            flipped.put(i / 8, (byte) (flipped.get(i / 8) ^ 1 << i % 8));
            assertCorrupt(record.key(), () -> record.decode().apply(flipped));
        }
    }

    @ParameterizedTest
    @MethodSource("all")
    void any_truncation_and_any_extra_byte_is_refused(Samples.Stored record) {
        int bytes = record.bytes().remaining();
        for (int length = 0; length < bytes; length++) {
            ByteBuffer shorter = copy(record.bytes()).limit(length);
            assertCorrupt(record.key(), () -> record.decode().apply(shorter));
        }
        ByteBuffer longer =
                ByteBuffer.allocate(bytes + 1).put(record.bytes().duplicate()).rewind();
        assertCorrupt(record.key(), () -> record.decode().apply(longer));
    }

    @ParameterizedTest
    @MethodSource("json")
    void each_field_must_be_there_with_its_type_and_range(Samples.Stored record) throws IOException {
        Object tree = JsonTree.parse(Envelope.open(record.key(), record.bytes()));
        for (List<Object> path : paths(tree)) {
            for (Object wrong : List.of(Optional.empty(), -1L, "\u0000no such word", List.of(), Map.of("x", 1L))) {
                Object right = at(tree, path);
                boolean sameShape =
                        right instanceof List ? wrong instanceof List : right instanceof Map && wrong instanceof Map;
                if (sameShape) {
                    continue;
                }
                if (isFreeText(path) && wrong instanceof String) {
                    continue;
                }
                ByteBuffer bytes = sealed(with(tree, path, wrong));
                assertCorrupt(record.key(), () -> record.decode().apply(bytes));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("json")
    void a_missing_field_is_refused_and_named(Samples.Stored record) throws IOException {
        Object tree = JsonTree.parse(Envelope.open(record.key(), record.bytes()));
        for (List<Object> path : paths(tree)) {
            Object last = path.get(path.size() - 1);
            if (last instanceof String name && !path.contains("metadata") && !name.equals("chunk")) {
                ByteBuffer bytes = sealed(with(tree, path, null));
                assertCorrupt(record.key(), () -> record.decode().apply(bytes))
                        .hasMessageContaining("is missing")
                        .hasMessageContaining(name);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("json")
    void fields_that_nobody_knows_are_passed_by(Samples.Stored record) throws IOException {
        Object tree = JsonTree.parse(Envelope.open(record.key(), record.bytes()));
        ByteBuffer bytes = sealed(with(tree, List.of("later"), Map.of("any", List.of("thing"))));
        assertThat(record.decode().apply(bytes)).isEqualTo(record.value());
    }

    @ParameterizedTest
    @MethodSource("json")
    void a_later_version_is_not_damage(Samples.Stored record) throws IOException {
        Object tree = JsonTree.parse(Envelope.open(record.key(), record.bytes()));
        ByteBuffer bytes = sealed(with(tree, List.of("version"), 2L));
        assertThatThrownBy(() -> record.decode().apply(bytes))
                .isInstanceOfSatisfying(
                        CheckpointException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(FailureKind.INVALID))
                .hasMessageContaining("later Moorage");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "{",
                "{}{}",
                "{} x",
                "[]",
                "null",
                "1",
                "{\"a\":1,\"a\":1}",
                "{\"a\":null,\"a\":null}",
                "{a:1}",
                "{'a':1}",
                "{\"a\":NaN}",
                "{\"a\":Infinity}",
                "{\"a\":01}",
                "{\"a\":1,}",
                "/**/{}",
                "{\"a\":\"\n\"}"
            })
    void what_is_not_strict_json_is_refused_even_with_its_right_sum(String body) {
        assertCorruptBody(body.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void depth_length_and_digits_have_limits() {
        assertCorruptBody(("{\"a\":" + "[".repeat(20) + "]".repeat(20) + "}").getBytes(StandardCharsets.UTF_8));
        assertCorruptBody(("{\"a\":" + "[".repeat(1_000_000)).getBytes(StandardCharsets.UTF_8));
        assertCorruptBody(
                ("{\"a\":\"" + "x".repeat(JsonTree.STRING_CHARS_MAX + 1) + "\"}").getBytes(StandardCharsets.UTF_8));
        assertCorruptBody(("{\"a\":" + "9".repeat(100_000) + "}").getBytes(StandardCharsets.UTF_8));
        assertCorruptBody(("{\"" + "n".repeat(JsonTree.NAME_CHARS_MAX * 2) + "\":1}").getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void bytes_that_are_not_utf_8_are_refused() {
        assertCorruptBody(new byte[] {'{', '"', (byte) 0xc0, (byte) 0xaf, '"', ':', '1', '}'});
        assertCorruptBody("{\"a\":1}".getBytes(StandardCharsets.UTF_16LE));
    }

    @Test
    void numbers_beyond_64_bits_are_refused_where_a_field_is_asked_for() throws IOException {
        Samples.Stored intent = Samples.json().findFirst().orElseThrow();
        String body = StandardCharsets.UTF_8
                .decode(Envelope.open(intent.key(), intent.bytes()))
                .toString();
        for (String number : List.of("9223372036854775808", "1e3", "1.5", "-0.0", "1e999")) {
            String changed = body.replace("\"epoch\":3", "\"epoch\":" + number);
            assertThat(changed).isNotEqualTo(body);
            ByteBuffer bytes = Envelope.seal(StandardCharsets.UTF_8.encode(changed));
            assertCorrupt(intent.key(), () -> intent.decode().apply(bytes)).hasMessageContaining("field epoch");
        }
    }

    @Test
    void a_record_of_another_job_step_attempt_or_number_is_refused() {
        ByteBuffer manifest = ManifestJson.encode(Samples.committed());
        var other = new dev.moorage.protocol.CheckpointId(new JobName("other"), new Step(1200)).attempt(2);
        assertCorrupt(Layout.manifest(other), () -> ManifestJson.decode(other, manifest))
                .hasMessageContaining("manifest of job llama-7b step 1200 attempt 2, not of job other");
        var next = Samples.ATTEMPT.next();
        assertCorrupt(Layout.manifest(next), () -> ManifestJson.decode(next, manifest));
        ByteBuffer verdict = VerdictJson.encode(Samples.verdict());
        assertCorrupt("verify/000005.json", () -> VerdictJson.decode(Samples.ATTEMPT, 5, verdict));
        ByteBuffer intent = IntentJson.encode(Samples.intent());
        assertCorrupt("manifest.json", () -> ManifestJson.decode(Samples.ATTEMPT, intent))
                .hasMessageContaining("expected 'manifest', was 'intent'");
        assertCorrupt(
                "parts/000000.pb",
                () -> PartCodec.decode(
                        next,
                        new dev.moorage.protocol.PartNumber(0),
                        Samples.part().bytes()));
    }

    @Test
    void a_spec_that_is_not_the_summed_one_is_refused() throws IOException {
        Samples.Stored intent = Samples.json().findFirst().orElseThrow();
        Object tree = JsonTree.parse(Envelope.open(intent.key(), intent.bytes()));
        ByteBuffer bytes = sealed(with(tree, List.of("spec", "worldSize"), 3L));
        assertCorrupt(intent.key(), () -> intent.decode().apply(bytes)).hasMessageContaining("specSha256");
    }

    @Test
    void a_shard_in_two_parts_or_beyond_the_world_size_is_refused() throws IOException {
        ByteBuffer manifest = ManifestJson.encode(Samples.committed());
        Object tree = JsonTree.parse(Envelope.open("manifest.json", manifest));
        for (String ranks : List.of("0", "0-1", "2", "1,999999")) {
            ByteBuffer bytes = sealed(with(tree, List.of("parts", 1, "own"), ranks));
            assertCorrupt("manifest.json", () -> ManifestJson.decode(Samples.ATTEMPT, bytes))
                    .hasMessageContaining("parts[1].own");
        }
    }

    @Test
    void an_intent_or_a_manifest_without_parts_is_refused() throws IOException {
        List<Samples.Stored> records = Samples.json()
                .filter(record ->
                        record.key().endsWith("intent.json") || record.key().endsWith("manifest.json"))
                .toList();
        assertThat(records).isNotEmpty();
        int refused = 0;
        for (Samples.Stored record : records) {
            Object tree = JsonTree.parse(Envelope.open(record.key(), record.bytes()));
            if (tree instanceof Map<?, ?> fields && fields.containsKey("parts")) {
                ByteBuffer bytes = sealed(with(tree, List.of("parts"), List.of()));
                assertCorrupt(record.key(), () -> record.decode().apply(bytes)).hasMessageContaining("no parts");
                refused++;
            }
        }
        assertThat(refused).isEqualTo(2);
    }

    private static boolean isFreeText(List<Object> path) {
        return path.contains("metadata")
                || List.of("reason", "message", "proven", "owner", "requestId").contains(path.get(path.size() - 1));
    }

    private static void assertCorruptBody(byte[] body) {
        ByteBuffer bytes = Envelope.seal(ByteBuffer.wrap(body));
        assertCorrupt("manifest.json", () -> ManifestJson.decode(Samples.ATTEMPT, bytes));
    }

    private static org.assertj.core.api.AbstractThrowableAssert<?, ? extends Throwable> assertCorrupt(
            String key, ThrowingCallable read) {
        return assertThatThrownBy(read)
                .isInstanceOfSatisfying(
                        CheckpointException.class,
                        failure -> assertThat(failure.kind())
                                .as(failure.getMessage())
                                .isEqualTo(FailureKind.CORRUPT))
                .hasMessageContaining(key);
    }

    private static ByteBuffer copy(ByteBuffer bytes) {
        return ByteBuffer.allocate(bytes.remaining()).put(bytes.duplicate()).flip();
    }

    private static ByteBuffer sealed(Object tree) {
        return Envelope.seal(ByteBuffer.wrap(text(tree).getBytes(StandardCharsets.UTF_8)));
    }

    /** Unlike the writer, knows null. */
    private static String text(Object tree) {
        if (tree instanceof Map<?, ?> map) {
            return map.entrySet().stream()
                    .map(entry -> text(entry.getKey()) + ":" + text(entry.getValue()))
                    .collect(java.util.stream.Collectors.joining(",", "{", "}"));
        }
        if (tree instanceof List<?> list) {
            return list.stream()
                    .map(RecordDamageTest::text)
                    .collect(java.util.stream.Collectors.joining(",", "[", "]"));
        }
        return tree.equals(Optional.empty())
                ? "null"
                : StandardCharsets.UTF_8.decode(JsonTree.write(tree)).toString();
    }

    private static List<List<Object>> paths(Object tree) {
        List<List<Object>> paths = new ArrayList<>();
        children(tree).forEach((step, child) -> {
            paths.add(List.of(step));
            paths(child).forEach(rest -> {
                List<Object> path = new ArrayList<>(List.of(step));
                path.addAll(rest);
                paths.add(path);
            });
        });
        return paths;
    }

    private static Map<Object, Object> children(Object tree) {
        Map<Object, Object> children = new LinkedHashMap<>();
        if (tree instanceof Map<?, ?> map) {
            children.putAll(map);
        } else if (tree instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                children.put(i, list.get(i));
            }
        }
        return children;
    }

    private static Object at(Object tree, List<Object> path) {
        return path.isEmpty() ? tree : at(children(tree).get(path.get(0)), path.subList(1, path.size()));
    }

    /** A copy with another value at a path; null removes it. */
    private static Object with(Object tree, List<Object> path, Object value) {
        if (path.isEmpty()) {
            return value;
        }
        Map<Object, Object> children = children(tree);
        Object changed = with(children.get(path.get(0)), path.subList(1, path.size()), value);
        if (changed == null) {
            children.remove(path.get(0));
        } else {
            children.put(path.get(0), changed);
        }
        return tree instanceof List ? new ArrayList<>(children.values()) : children;
    }
}
