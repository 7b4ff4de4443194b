package dev.moorage.checkpoint;

import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerificationStatus;
import dev.moorage.protocol.record.Verdict;
import java.util.List;

/** What all verdicts of a checkpoint say together. */
final class VerdictRule {
    private VerdictRule() {}

    /** @param verdicts in the order of their numbers */
    static VerificationStatus status(List<Verdict> verdicts) {
        boolean corrupt = false;
        boolean verified = false;
        boolean attested = false;
        boolean incomplete = false;
        for (Verdict verdict : verdicts) {
            if (verdict.provesEverything()) {
                verified = true;
                corrupt = false;
            }
            corrupt |= verdict.result() == VerdictResult.CORRUPT;
            attested |= verdict.result() == VerdictResult.GOOD;
            incomplete |= verdict.result() == VerdictResult.INCOMPLETE;
        }
        if (corrupt) {
            return VerificationStatus.CORRUPT;
        }
        if (verified) {
            return VerificationStatus.VERIFIED;
        }
        if (attested) {
            return VerificationStatus.ATTESTED;
        }
        return incomplete ? VerificationStatus.INCOMPLETE : VerificationStatus.NONE;
    }
}
