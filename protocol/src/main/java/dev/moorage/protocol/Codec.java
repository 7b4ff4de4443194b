package dev.moorage.protocol;

import static java.util.Objects.requireNonNull;

import java.util.regex.Pattern;

/**
 * How a shard is compressed.
 *
 * @param kind the family
 * @param level 1 to 22 for {@link Kind#ZSTD}, 0 for {@link Kind#NONE}
 */
public record Codec(Kind kind, int level) {
    /** The families. */
    public enum Kind {
        /** The stored object is the file, byte for byte. */
        NONE,
        /** One independent zstd frame per chunk and a seek table: {@code zstd -d} restores the file. */
        ZSTD
    }

    private static final Pattern WITH_LEVEL = Pattern.compile("zstd:-?[0-9]{1,9}");

    public static final Codec NONE = new Codec(Kind.NONE, 0);

    /** {@code zstd} at level 3. */
    public static final Codec DEFAULT = new Codec(Kind.ZSTD, 3);

    public Codec {
        requireNonNull(kind);
        if (kind == Kind.ZSTD) {
            Check.range("zstd level", level, 1, 22);
        } else {
            Check.valid(level == 0, "codec none has no level, was " + level);
        }
    }

    /** {@code zstd} at a level from 1 to 22. */
    public static Codec zstd(int level) {
        return new Codec(Kind.ZSTD, level);
    }

    /**
     * Reads {@code none}, {@code zstd} (level 3) or {@code zstd:LEVEL}.
     *
     * @throws CheckpointException INVALID for anything else
     */
    public static Codec parse(String text) {
        if (text.equals("none")) {
            return NONE;
        }
        if (text.equals("zstd")) {
            return DEFAULT;
        }
        if (WITH_LEVEL.matcher(text).matches()) {
            return zstd(Integer.parseInt(text.substring("zstd:".length())));
        }
        throw CheckpointException.invalid("codec must be none, zstd or zstd:LEVEL (1 to 22), was " + Check.quote(text));
    }

    @Override
    public String toString() {
        return kind == Kind.NONE ? "none" : "zstd:" + level;
    }
}
