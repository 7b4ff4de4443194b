package dev.moorage.node.demo;

import dev.moorage.client.command.Wording;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The closing table: what was moved, and how fast. */
final class Figures {
    private final List<Phase> phases = new ArrayList<>();

    void add(Phase phase) {
        phases.add(phase);
    }

    void print(PrintStream out) {
        String line = "  %-28s %9s %9s %6s %7s %10s%n";
        out.printf(line, "phase", "raw", "stored", "ratio", "time", "speed");
        for (Phase phase : phases) {
            out.printf(
                    Locale.ROOT,
                    line,
                    phase.what(),
                    Wording.bytes(phase.rawBytes()),
                    phase.storedBytes().map(Wording::bytes).orElse(""),
                    phase.storedBytes()
                            .map(stored -> Wording.ratio(stored, phase.rawBytes()))
                            .orElse(""),
                    Wording.seconds(phase.time()),
                    Wording.rate(phase.rawBytes(), phase.time()));
        }
    }
}
