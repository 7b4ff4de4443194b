package dev.moorage.node.demo;

import dev.moorage.client.command.Wording;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.v1.SaveStatus;
import dev.moorage.protocol.v1.VerdictKind;
import dev.moorage.protocol.v1.VerificationStatus;
import java.util.Optional;

/** A compressed save, its commit, and a verification of every byte by other workers than the writers. */
final class SaveAndVerify implements Scene {
    static final Step STEP = new Step(100);

    @Override
    public String title() {
        return "save step " + STEP + " compressed, commit, have other workers read it all back";
    }

    @Override
    public void run(Stage stage) {
        DemoSave save = DemoSave.run(stage, STEP, Codec.DEFAULT, VerifyDepth.FULL, status -> {});
        SaveStatus last = save.last();
        long raw = last.getRawBytes();
        long stored = last.getStoredBytesDone();
        stage.say("staged: " + Wording.bytes(raw) + " in " + Wording.seconds(save.staging())
                + "; a training loop waits for this only");
        stage.say("COMMITTED: attempt " + last.getAttempt() + ", " + Wording.bytes(stored) + " stored, ratio "
                + Wording.ratio(stored, raw));
        VerificationStatus verdict = last.getVerification();
        if (verdict.getResult() != VerdictKind.VERDICT_KIND_GOOD) {
            throw CheckpointException.corrupt(
                    "the verification of step " + STEP + " did not come out GOOD: " + verdict);
        }
        stage.say("VERIFIED: " + Wording.count(verdict.getShards(), "shard") + ", "
                + (verdict.getIndependentReader()
                        ? "each read by another worker than its writer"
                        : "some read by their own writer"));
        stage.figures().add(new Phase("stage", raw, Optional.empty(), save.staging()));
        stage.figures().add(new Phase("save step " + STEP, raw, Optional.of(stored), save.saving()));
        stage.figures().add(new Phase("verify step " + STEP, raw, Optional.of(stored), save.verifying()));
    }
}
