package dev.moorage.checkpoint;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.Step;
import dev.moorage.protocol.record.Manifest;
import java.util.List;

/**
 * The checkpoint that a {@link Selector} means.
 *
 * @param passedOver every newer step that the store knows, and why it is not the one; highest first
 */
public record Selected(Manifest.Committed manifest, List<PassedOver> passedOver) {
    public Selected {
        requireNonNull(manifest);
        passedOver = List.copyOf(passedOver);
    }

    /**
     * A step that was not taken.
     *
     * @param reason for people
     */
    public record PassedOver(Step step, String reason) {
        public PassedOver {
            requireNonNull(step);
            requireNonNull(reason);
        }

        @Override
        public String toString() {
            return "step " + step + ": " + reason;
        }
    }
}
