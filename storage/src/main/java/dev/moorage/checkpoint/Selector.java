package dev.moorage.checkpoint;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Step;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which checkpoint of a job is meant.
 *
 * @param step for {@link Kind#STEP} alone
 */
public record Selector(Kind kind, Optional<Step> step) {
    /** The ways to name a checkpoint. */
    public enum Kind {
        /** The highest visible step. */
        LATEST,
        /** The highest visible step whose status is VERIFIED. */
        LATEST_VERIFIED,
        /** This step. */
        STEP
    }

    public static final Selector LATEST = new Selector(Kind.LATEST, Optional.empty());
    public static final Selector LATEST_VERIFIED = new Selector(Kind.LATEST_VERIFIED, Optional.empty());
    private static final Pattern NUMBER = Pattern.compile("[0-9]{1,19}");

    public Selector {
        requireNonNull(kind);
        Bounds.holds(
                step.isPresent() == (kind == Kind.STEP), "a step is named for STEP alone, was " + kind + " " + step);
    }

    /** Exactly this step. */
    public static Selector of(Step step) {
        return new Selector(Kind.STEP, Optional.of(step));
    }

    /**
     * Reads {@code latest}, {@code latest-verified} or a step.
     *
     * @throws CheckpointException INVALID for anything else
     */
    public static Selector parse(String text) {
        if (text.equals("latest")) {
            return LATEST;
        }
        if (text.equals("latest-verified")) {
            return LATEST_VERIFIED;
        }
        if (NUMBER.matcher(text).matches()) {
            try {
                return of(new Step(Long.parseLong(text)));
            } catch (NumberFormatException tooLarge) {
                // Falls through to the one message.
            }
        }
        throw CheckpointException.invalid(
                "a checkpoint is latest, latest-verified or a step from 0 to 2^63-1, was " + Text.quote(text));
    }

    @Override
    public String toString() {
        return switch (kind) {
            case LATEST -> "latest";
            case LATEST_VERIFIED -> "latest-verified";
            case STEP -> step.orElseThrow().toString();
        };
    }
}
