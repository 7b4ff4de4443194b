package dev.moorage.client.command;

import dev.moorage.protocol.Step;
import java.util.List;

/**
 * The step that a selector means.
 *
 * @param passedOver newer ones that were not taken
 */
record Chosen(Step step, List<Passed> passedOver) {
    Chosen {
        passedOver = List.copyOf(passedOver);
    }

    /** A step that was not taken, and why. */
    record Passed(Step step, String reason) {}

    /** Says which newer ones are not meant. */
    void tell(Terminal terminal) {
        passedOver.forEach(passed -> terminal.remark("passed over step " + passed.step() + ": " + passed.reason()));
    }
}
