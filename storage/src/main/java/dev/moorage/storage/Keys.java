package dev.moorage.storage;

import java.nio.ByteBuffer;
import java.util.regex.Pattern;

/** What every store checks before it acts: keys, prefixes, positions and bodies. Each failure is a bug of the caller. */
final class Keys {
    /** What a store's own unfinished files begin with; never part of a key. */
    static final String TEMP_PREFIX = ".tmp-";

    private static final Pattern SEGMENT = Pattern.compile("[A-Za-z0-9._-]{1,200}");
    private static final Pattern BEGUN_SEGMENT = Pattern.compile("[A-Za-z0-9._-]{0,200}");
    private static final int KEY_CHARACTERS_MAX = 900;
    private static final int BODY_BYTES_MAX = 64 << 20;
    private static final int QUOTED_CHARACTERS_MAX = 80;

    private Keys() {}

    /** Whether {@code name} may stand between two slashes of a key. */
    static boolean isSegment(String name) {
        return SEGMENT.matcher(name).matches()
                && !name.equals(".")
                && !name.equals("..")
                && !name.startsWith(TEMP_PREFIX);
    }

    static void checkKey(String key) {
        check(key != null && key.length() <= KEY_CHARACTERS_MAX && areSegments(key), "not a key: ", key);
    }

    /** A prefix is whole segments, each followed by a slash, and then the beginning of one, which may be empty. */
    static void checkPrefix(String prefix) {
        check(prefix != null && prefix.length() <= KEY_CHARACTERS_MAX, "not a prefix: ", prefix);
        int slash = prefix.lastIndexOf('/');
        boolean whole = slash < 0 || areSegments(prefix.substring(0, slash));
        boolean begun = BEGUN_SEGMENT.matcher(prefix.substring(slash + 1)).matches();
        check(whole && begun, "not a prefix: ", prefix);
    }

    static void checkFolder(String prefix) {
        checkPrefix(prefix);
        check(prefix.isEmpty() || prefix.endsWith("/"), "must be empty or end with '/': ", prefix);
    }

    static void checkPosition(String key, long position) {
        if (position < 0) {
            throw new IllegalArgumentException("negative position " + position + " in " + key);
        }
    }

    static void checkBody(String key, ByteBuffer body) {
        if (body.remaining() > BODY_BYTES_MAX) {
            throw new IllegalArgumentException("body of " + key + " has " + body.remaining() + " bytes, at most "
                    + BODY_BYTES_MAX + " are allowed");
        }
    }

    /** The last segment. */
    static String name(String key) {
        return key.substring(key.lastIndexOf('/') + 1);
    }

    /** Everything up to and including the last slash; empty without one. */
    static String folder(String key) {
        return key.substring(0, key.lastIndexOf('/') + 1);
    }

    private static boolean areSegments(String key) {
        for (String segment : key.split("/", -1)) {
            if (!isSegment(segment)) {
                return false;
            }
        }
        return true;
    }

    private static void check(boolean holds, String message, String key) {
        if (!holds) {
            throw new IllegalArgumentException(message + quote(key));
        }
    }

    /** Cut, and with everything but plain characters made visible, so that no message can forge a log line. */
    private static String quote(String key) {
        if (key == null) {
            return "nothing";
        }
        StringBuilder text = new StringBuilder("'");
        key.chars()
                .limit(QUOTED_CHARACTERS_MAX)
                .forEach(
                        c -> text.append(c >= ' ' && c < 127 ? String.valueOf((char) c) : String.format("\\u%04x", c)));
        return text.append(key.length() > QUOTED_CHARACTERS_MAX ? "…'" : "'").toString();
    }
}
