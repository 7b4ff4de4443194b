package dev.moorage.storage;

import dev.moorage.protocol.CheckpointException;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a host may use of its way to the store.
 *
 * @param uploadBytesPerSecond of all uploads together, at least {@link #LEAST}; empty for no limit
 * @param readBytesPerSecond of all loads and verifications together, likewise
 */
public record Bandwidth(OptionalLong uploadBytesPerSecond, OptionalLong readBytesPerSecond) {
    /** The lowest limit, 1 MB/s. A part must move within a minute; at this rate a dozen at once just do, a chunk of 4 MiB each. */
    public static final long LEAST = 1_000_000;

    /** No limit. */
    public static final Bandwidth UNLIMITED = new Bandwidth(OptionalLong.empty(), OptionalLong.empty());

    private static final Pattern RATE = Pattern.compile("([0-9]{1,12})\\s*(?:([KMGT])(i?))?B/s");

    public Bandwidth {
        check(uploadBytesPerSecond);
        check(readBytesPerSecond);
    }

    private static void check(OptionalLong limit) {
        if (limit.isPresent() && limit.getAsLong() < LEAST) {
            throw CheckpointException.invalid(
                    "a bandwidth limit is at least 1 MB/s, was " + limit.getAsLong() + " bytes a second");
        }
    }

    /**
     * A limit as people write it: {@code 2GB/s} (10^9 bytes), {@code 500 MiB/s} (2^20), or {@code unlimited}.
     *
     * @throws CheckpointException INVALID for anything else
     */
    public static OptionalLong parse(String text) {
        if (text.equals("unlimited")) {
            return OptionalLong.empty();
        }
        Matcher rate = RATE.matcher(text);
        if (!rate.matches()) {
            throw CheckpointException.invalid(
                    "a bandwidth limit is written like 2GB/s, 500MiB/s or unlimited, was '" + text + "'");
        }
        double step = "i".equals(rate.group(3)) ? 1_024 : 1_000;
        int power = rate.group(2) == null ? 0 : " KMGT".indexOf(rate.group(2));
        return OptionalLong.of((long) Math.min(Long.MAX_VALUE, Long.parseLong(rate.group(1)) * Math.pow(step, power)));
    }
}
