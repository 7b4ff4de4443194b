package dev.moorage.protocol;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.NullSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class NamesTest {
    private static final List<Function<String, Object>> HEX_IDS = List.of(Nonce::new, Incarnation::new, UploadId::new);

    @ParameterizedTest
    @ValueSource(strings = {"a", "0", "llama-7b", "a.b_c-d", "a.", "a-"})
    void a_name_has_letters_digits_dots_dashes_and_underscores(String name) {
        assertThat(new JobName(name)).hasToString(name);
        assertThat(new WorkerId(name)).hasToString(name);
    }

    @ParameterizedTest
    @NullSource
    @ValueSource(
            strings = {
                "", ".", "..", "../etc", "a..b", "a..", "/abs", "a/b", "a\\b", "A", "aB", "-a", "_a", " a", "a ", "a\0",
                "a\n", "é", "a\u202e", "a%2e%2e"
            })
    void anything_else_is_no_name(String name) {
        invalid(() -> new JobName(name), "job name must match");
        invalid(() -> new WorkerId(name), "worker name must match");
    }

    @Test
    void a_name_has_at_most_63_characters() {
        assertThat(new JobName("a".repeat(63)).value()).hasSize(63);
        invalid(() -> new JobName("a".repeat(64)), "job name must match");
    }

    @Test
    void a_huge_name_is_quoted_in_part() {
        assertThatThrownBy(() -> new JobName("x".repeat(10_000_000)))
                .satisfies(e -> assertThat(e.getMessage()).hasSizeLessThan(300).endsWith("…'"));
    }

    @Property
    void a_name_is_always_one_safe_path_segment(@ForAll String text) {
        try {
            String name = new JobName(text).value();
            assertThat(name).doesNotContain("/", "\\", "..", "\0").isNotEmpty();
        } catch (CheckpointException refused) {
            assertThat(refused.kind()).isEqualTo(FailureKind.INVALID);
            assertThat(refused.getMessage().chars()).noneMatch(Character::isISOControl);
        }
    }

    @Test
    void an_id_is_32_lower_case_hex_digits() {
        for (Function<String, Object> id : HEX_IDS) {
            assertThat(id.apply("0123456789abcdef".repeat(2))).hasToString("0123456789abcdef0123456789abcdef");
            for (String bad : List.of("", "0", "0".repeat(31), "0".repeat(33), "F".repeat(32), "g".repeat(32))) {
                invalid(() -> id.apply(bad), "must be 32 lower-case hex digits");
            }
            invalid(() -> id.apply(null), "was nothing");
        }
    }

    @Test
    void random_ids_differ() {
        assertThat(Nonce.random()).isNotEqualTo(Nonce.random());
        assertThat(Incarnation.random()).isNotEqualTo(Incarnation.random());
        assertThat(UploadId.random()).isNotEqualTo(UploadId.random());
    }

    @Test
    void a_run_token_is_printable_ascii_without_space() {
        assertThat(new RunToken("slurm:17.0/~!")).hasToString("slurm:17.0/~!");
        assertThat(new RunToken("x".repeat(200)).value()).hasSize(200);
        for (String bad : List.of("", "a b", "a\t", "a\n", "a\0", "é", "x".repeat(201), "\u007f")) {
            invalid(() -> new RunToken(bad), "run token must be 1 to 200 printable");
        }
        invalid(() -> new RunToken(null), "was nothing");
    }

    @Test
    void a_quoted_value_cannot_forge_a_log_line() {
        assertThat(Check.quote("a\nINFO ok\r\t\0\u001b[2J"))
                .isEqualTo("'a\\u000aINFO ok\\u000d\\u0009\\u0000\\u001b[2J'");
        assertThat(Check.quote("a\u2028b\u2029c\u202ed\u0085")).isEqualTo("'a\\u2028b\\u2029c\\u202ed\\u0085'");
        assertThat(Check.quote("x".repeat(81))).isEqualTo("'" + "x".repeat(80) + "…'");
        assertThat(Check.quote(null)).isEqualTo("nothing");
    }

    @Property
    void a_quoted_value_is_one_short_line(@ForAll String text) {
        String quoted = Check.quote(text);

        assertThat(quoted.lines()).hasSize(1);
        assertThat(quoted.chars()).noneMatch(Character::isISOControl);
        assertThat(quoted.length()).isLessThanOrEqualTo(80 * 6 + 3);
    }

    private static void invalid(Supplier<?> call, String message) {
        assertThatThrownBy(call::get)
                .hasMessageContaining(message)
                .isInstanceOfSatisfying(
                        CheckpointException.class, e -> assertThat(e.kind()).isEqualTo(FailureKind.INVALID));
    }
}
