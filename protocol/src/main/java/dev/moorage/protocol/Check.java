package dev.moorage.protocol;

import java.util.regex.Pattern;

/** The checks that the values of this package share; each failure is INVALID and quotes what was given. */
final class Check {
    static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,62}");
    private static final Pattern HEX_128 = Pattern.compile("[0-9a-f]{32}");

    private Check() {}

    static void name(String what, String value) {
        // ".." can only hide inside a name, as a name starts with a letter or digit; it is refused all the same.
        if (value == null || !NAME.matcher(value).matches() || value.contains("..")) {
            throw CheckpointException.invalid(
                    what + " must match " + NAME.pattern() + " without '..', was " + quote(value));
        }
    }

    static void hex128(String what, String value) {
        if (value == null || !HEX_128.matcher(value).matches()) {
            throw CheckpointException.invalid(what + " must be 32 lower-case hex digits, was " + quote(value));
        }
    }

    static void range(String what, long value, long min, long max) {
        if (value < min || value > max) {
            throw CheckpointException.invalid(what + " must be " + min + " to " + max + ", was " + value);
        }
    }

    static void valid(boolean holds, String message) {
        if (!holds) {
            throw CheckpointException.invalid(message);
        }
    }

    /** Control characters, line separators, and marks that turn the direction of the text around. */
    private static boolean isInvisible(int c) {
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR,
                    Character.SURROGATE -> true;
            default -> false;
        };
    }

    /** The value in quotes, cut and with invisible characters made visible, so that no message can forge a log line. */
    static String quote(String value) {
        if (value == null) {
            return "nothing";
        }
        StringBuilder text = new StringBuilder("'");
        value.chars().limit(80).forEach(c -> {
            if (isInvisible(c)) {
                text.append(String.format("\\u%04x", c));
            } else {
                text.append((char) c);
            }
        });
        return text.append(value.length() > 80 ? "…'" : "'").toString();
    }
}
