package dev.moorage.node;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moorage.client.SaveOrder;
import dev.moorage.client.command.Json;
import dev.moorage.client.command.Terminal;
import dev.moorage.client.command.Wording;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.v1.FindingInfo;
import dev.moorage.protocol.v1.SaveStatus;
import dev.moorage.protocol.v1.VerdictKind;
import dev.moorage.protocol.v1.VerificationStatus;
import java.time.Duration;

/**
 * How a save ended, for people and for scripts.
 *
 * @param staged time until all shards were staged
 * @param saved time from there to the commit
 * @param verified time from the commit to the verdict
 */
record SaveSummary(SaveOrder order, SaveStatus last, Duration staged, Duration saved, Duration verified) {
    /** 0; 5 when the verification found corruption, 4 when it could not read something. */
    int exitStatus() {
        return switch (result()) {
            case VERDICT_KIND_CORRUPT -> FailureKind.CORRUPT.exitStatus();
            case VERDICT_KIND_INCOMPLETE -> FailureKind.UNAVAILABLE.exitStatus();
            default -> 0;
        };
    }

    private VerdictKind result() {
        return last.hasVerification() ? last.getVerification().getResult() : VerdictKind.VERDICT_KIND_UNSPECIFIED;
    }

    void print(Terminal terminal) {
        String name = "job " + order.job() + " step " + order.step();
        if (last.getAlready()) {
            terminal.out()
                    .println(name + ": already committed by an earlier run (attempt " + last.getAttempt()
                            + "); nothing was written");
        } else {
            long raw = last.getRawBytes();
            long stored = last.getStoredBytesDone();
            terminal.out()
                    .println(name + ": COMMITTED (attempt " + last.getAttempt() + ", run " + last.getRun() + "), "
                            + Wording.count(order.shards().size(), "rank") + ", " + Wording.bytes(raw) + " raw, "
                            + Wording.bytes(stored) + " stored, ratio " + Wording.ratio(stored, raw));
            terminal.out()
                    .println("  staged in " + Wording.seconds(staged) + " (" + Wording.rate(raw, staged)
                            + "), saved in " + Wording.seconds(saved) + " (" + Wording.rate(raw, saved) + ")");
        }
        if (last.hasVerification()) {
            printVerification(terminal, last.getVerification());
        }
    }

    private void printVerification(Terminal terminal, VerificationStatus verification) {
        String reader = verification.getIndependentReader() ? " by other workers than the writers" : "";
        terminal.out()
                .println("  verified " + verification.getDepth() + reader + ": " + word(result()) + ", "
                        + Wording.count(verification.getShards(), "shard") + " in " + Wording.seconds(verified) + " ("
                        + Wording.rate(verification.getBytesTotal(), verified) + ")");
        for (FindingInfo finding : verification.getFindingsList()) {
            terminal.out().println("  rank " + finding.getRank() + ": " + finding.getMessage());
        }
    }

    void json(Terminal terminal) {
        ObjectNode object = Json.object()
                .put("job", order.job().value())
                .put("step", order.step().value())
                .put("state", "COMMITTED")
                .put("already", last.getAlready())
                .put("attempt", last.getAttempt())
                .put("run", last.getRun())
                .put("world_size", order.shards().size())
                .put("raw_bytes", last.getRawBytes())
                .put("stored_bytes", last.getStoredBytesDone())
                .put("staged_seconds", seconds(staged))
                .put("saved_seconds", seconds(saved));
        if (last.hasVerification()) {
            VerificationStatus verification = last.getVerification();
            ObjectNode verdict = object.putObject("verification")
                    .put("depth", verification.getDepth())
                    .put("result", word(result()))
                    .put("verdict", verification.getVerdict())
                    .put("independent_reader", verification.getIndependentReader())
                    .put("shards", verification.getShards())
                    .put("seconds", seconds(verified));
            verification
                    .getFindingsList()
                    .forEach(finding -> verdict.withArray("findings")
                            .addObject()
                            .put("rank", finding.getRank())
                            .put("message", finding.getMessage()));
        }
        Json.print(terminal, object);
    }

    private static double seconds(Duration time) {
        return time.toMillis() / 1e3;
    }

    private static String word(VerdictKind result) {
        return result == VerdictKind.VERDICT_KIND_UNSPECIFIED
                ? "no verdict"
                : result.name().substring("VERDICT_KIND_".length());
    }
}
