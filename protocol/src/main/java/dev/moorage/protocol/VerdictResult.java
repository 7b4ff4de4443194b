package dev.moorage.protocol;

/** What one verification found. */
public enum VerdictResult {
    /** Everything that was looked at holds. */
    GOOD,
    /** At least one sum, size, header or record does not hold, or an object is missing. */
    CORRUPT,
    /** At least one object could not be read now, and nothing else was found wrong. */
    INCOMPLETE
}
