package dev.moorage.client.command;

import dev.moorage.protocol.CheckpointException;
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

    /** Reads a step number. */
    static Step step(String text) {
        try {
            return new Step(Long.parseLong(text));
        } catch (NumberFormatException notANumber) {
            throw CheckpointException.invalid(
                    "a step is a number from 0 to 2^63-1, was '" + text.replaceAll("\\p{Cntrl}", "?") + "'");
        }
    }

    /** Says which newer ones are not meant. */
    void tell(Terminal terminal) {
        passedOver.forEach(passed -> terminal.remark("passed over step " + passed.step() + ": " + passed.reason()));
    }
}
