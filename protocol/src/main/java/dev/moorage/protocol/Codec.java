package dev.moorage.protocol;

import static java.util.Objects.requireNonNull;

import java.util.regex.Pattern;

/**
 * How a shard is compressed.
 *
 * @param kind the family
 * @param level 1 to 22 for {@link Kind#ZSTD}, 0 for all others
 */
public record Codec(Kind kind, int level) {
    /** The families. */
    public enum Kind {
        /** The stored object is the file, byte for byte. */
        NONE,
        /** One independent zstd frame per chunk and a seek table: {@code zstd -d} restores the file. */
        ZSTD,
        /** Tensors by the bytes of their elements: all exponents together, all mantissas together. Else as {@link #AUTO}. */
        PLANES,
        /** For each chunk what a sample of it says is smallest: {@link #PLANES}, {@link #ZSTD}, or nothing. */
        AUTO
    }

    private static final int LEVEL_DEFAULT = 3;

    private static final Pattern WITH_LEVEL = Pattern.compile("zstd:-?[0-9]{1,9}");

    public static final Codec NONE = new Codec(Kind.NONE, 0);

    public static final Codec PLANES = new Codec(Kind.PLANES, 0);

    public static final Codec AUTO = new Codec(Kind.AUTO, 0);

    /** What is used where nobody states one: {@link #AUTO}. */
    public static final Codec DEFAULT = AUTO;

    public Codec {
        requireNonNull(kind);
        if (kind == Kind.ZSTD) {
            Check.range("zstd level", level, 1, 22);
        } else {
            Check.valid(level == 0, "codec " + name(kind) + " has no level, was " + level);
        }
    }

    /** {@code zstd} at a level from 1 to 22. */
    public static Codec zstd(int level) {
        return new Codec(Kind.ZSTD, level);
    }

    /**
     * Reads {@code auto}, {@code planes}, {@code none}, {@code zstd} (level 3) or {@code zstd:LEVEL}.
     *
     * @throws CheckpointException INVALID for anything else
     */
    public static Codec parse(String text) {
        return switch (text) {
            case "none" -> NONE;
            case "planes" -> PLANES;
            case "auto" -> AUTO;
            case "zstd" -> zstd(LEVEL_DEFAULT);
            default -> zstd(levelOf(text));
        };
    }

    private static int levelOf(String text) {
        if (!WITH_LEVEL.matcher(text).matches()) {
            throw CheckpointException.invalid(
                    "codec must be auto, planes, none, zstd or zstd:LEVEL (1 to 22), was " + Check.quote(text));
        }
        return Integer.parseInt(text.substring("zstd:".length()));
    }

    /** What is appended to the name of a shard: what opens it. */
    public String suffix() {
        return switch (kind) {
            case NONE -> "";
            case ZSTD -> ".zst";
            case PLANES, AUTO -> ".moor";
        };
    }

    @Override
    public String toString() {
        return kind == Kind.ZSTD ? name(kind) + ":" + level : name(kind);
    }

    private static String name(Kind kind) {
        return switch (kind) {
            case NONE -> "none";
            case ZSTD -> "zstd";
            case PLANES -> "planes";
            case AUTO -> "auto";
        };
    }
}
