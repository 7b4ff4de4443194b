package dev.moorage.protocol.cluster;

import dev.moorage.protocol.record.Finding;
import java.util.List;

/**
 * Where the texts for people in a message are cut, so that none of them can push it over the size limit: reasons and
 * messages after 4,000 characters, those of findings after 600, and findings after the first 50. Names and ids are never cut.
 */
final class Texts {
    static final int CHARS_MAX = 4_000;
    static final int FINDING_CHARS_MAX = 600;
    static final int FINDINGS_MAX = 50;

    private Texts() {}

    /** A reason or a message of a failure. */
    static String cut(String text) {
        return cut(text, CHARS_MAX);
    }

    /** The message of a finding. */
    static String cutFinding(String text) {
        return cut(text, FINDING_CHARS_MAX);
    }

    /** The first findings. */
    static List<Finding> cut(List<Finding> findings) {
        return findings.subList(0, Math.min(findings.size(), FINDINGS_MAX));
    }

    private static String cut(String text, int chars) {
        if (text.length() <= chars) {
            return text;
        }
        int end = Character.isHighSurrogate(text.charAt(chars - 2)) ? chars - 2 : chars - 1;
        return text.substring(0, end) + "…";
    }
}
