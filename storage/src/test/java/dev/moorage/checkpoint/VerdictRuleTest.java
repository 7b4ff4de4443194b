package dev.moorage.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerificationStatus;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.record.Finding;
import dev.moorage.protocol.record.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** F: good, full, all shards. P: good, full, some shards. A: good attest. S: good sample. C: corrupt. I: incomplete. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class VerdictRuleTest {
    @ParameterizedTest
    @CsvSource({
        "'', NONE",
        "F, VERIFIED",
        "P, ATTESTED",
        "A, ATTESTED",
        "S, ATTESTED",
        "C, CORRUPT",
        "I, INCOMPLETE",
        "FC, CORRUPT",
        "CF, VERIFIED",
        "CFC, CORRUPT",
        "CP, CORRUPT",
        "CA, CORRUPT",
        "CS, CORRUPT",
        "CI, CORRUPT",
        "IF, VERIFIED",
        "FI, VERIFIED",
        "AI, ATTESTED",
        "IA, ATTESTED",
        "FA, VERIFIED",
        "AF, VERIFIED",
        "FCF, VERIFIED",
        "FCP, CORRUPT",
        "II, INCOMPLETE"
    })
    void the_status_follows_from_all_verdicts(String letters, VerificationStatus expected) {
        List<Verdict> verdicts = new ArrayList<>();
        letters.chars().forEach(letter -> verdicts.add(verdict(verdicts.size() + 1, (char) letter)));
        assertThat(VerdictRule.status(verdicts)).isEqualTo(expected);
    }

    private static Verdict verdict(int number, char letter) {
        return switch (letter) {
            case 'F' -> Samples.verdict(number, VerifyDepth.FULL, VerdictResult.GOOD, List.of());
            case 'P' ->
                new Verdict(
                        Samples.ATTEMPT,
                        number,
                        VerifyDepth.FULL,
                        VerdictResult.GOOD,
                        false,
                        true,
                        "",
                        1,
                        0,
                        List.of(),
                        Samples.nonce(1),
                        0);
            case 'A' -> Samples.verdict(number, VerifyDepth.ATTEST, VerdictResult.GOOD, List.of());
            case 'S' -> Samples.verdict(number, VerifyDepth.parse("sample:1"), VerdictResult.GOOD, List.of());
            case 'C' -> bad(number, VerdictResult.CORRUPT);
            default -> bad(number, VerdictResult.INCOMPLETE);
        };
    }

    private static Verdict bad(int number, VerdictResult result) {
        Finding finding = new Finding(ShardId.own(0), result, OptionalInt.empty(), "x");
        return Samples.verdict(number, VerifyDepth.FULL, result, List.of(finding));
    }
}
