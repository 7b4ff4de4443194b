package dev.moorage.protocol;

import static java.util.Objects.requireNonNull;

import java.util.regex.Pattern;

/**
 * How deep a verification looks.
 *
 * @param kind the depth
 * @param fraction of the chunks that {@link Kind#SAMPLE} reads, above 0 and at most 1; 1 for {@link Kind#FULL}, else 0
 */
public record VerifyDepth(Kind kind, double fraction) {
    /** Four depths, from nothing to every byte. */
    public enum Kind {
        /** Nothing is looked at. */
        NONE,
        /** Sizes and the store's own full-object sums; no bytes are read. */
        ATTEST,
        /** A fraction of the chunks is read back. */
        SAMPLE,
        /** Every byte is read back, decompressed, and both sums are compared. */
        FULL
    }

    /** A plain decimal number; Java alone would take hexadecimal ones and suffixes, too. */
    private static final Pattern FRACTION = Pattern.compile("-?[0-9]{1,20}([.][0-9]{1,20})?([eE]-?[0-9]{1,3})?");

    public static final VerifyDepth NONE = new VerifyDepth(Kind.NONE, 0);
    public static final VerifyDepth ATTEST = new VerifyDepth(Kind.ATTEST, 0);
    public static final VerifyDepth FULL = new VerifyDepth(Kind.FULL, 1);

    public VerifyDepth {
        requireNonNull(kind);
        boolean fits = switch (kind) {
            case NONE, ATTEST -> fraction == 0;
            case SAMPLE -> fraction > 0 && fraction <= 1;
            case FULL -> fraction == 1;
        };
        Check.valid(fits, "verification samples a fraction above 0 and at most 1, was " + fraction);
    }

    /**
     * Reads {@code none}, {@code attest}, {@code sample:P} or {@code full}.
     *
     * @throws CheckpointException INVALID for anything else
     */
    public static VerifyDepth parse(String text) {
        return switch (text) {
            case "none" -> NONE;
            case "attest" -> ATTEST;
            case "full" -> FULL;
            default -> {
                Check.valid(
                        text.startsWith("sample:"),
                        "verification depth must be none, attest, sample:P or full, was " + Check.quote(text));
                yield new VerifyDepth(Kind.SAMPLE, fraction(text.substring("sample:".length())));
            }
        };
    }

    private static double fraction(String text) {
        if (!FRACTION.matcher(text).matches()) {
            throw CheckpointException.invalid(
                    "verification samples a fraction above 0 and at most 1, was " + Check.quote(text));
        }
        return Double.parseDouble(text);
    }

    @Override
    public String toString() {
        return switch (kind) {
            case NONE -> "none";
            case ATTEST -> "attest";
            case SAMPLE -> "sample:" + fraction;
            case FULL -> "full";
        };
    }
}
