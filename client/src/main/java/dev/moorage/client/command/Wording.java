package dev.moorage.client.command;

import dev.moorage.protocol.VerificationStatus;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Numbers as people read them. The same words are used by every command. */
public final class Wording {
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);
    private static final String[] UNITS = {"KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};

    private Wording() {}

    /** A length in bytes: {@code 512 B}, {@code 90.9 MiB}. */
    public static String bytes(long bytes) {
        if (bytes < 1024) {
            return bytes + " B";
        }
        double value = bytes;
        int unit = -1;
        while (value >= 1023.95 && unit < UNITS.length - 1) {
            value /= 1024;
            unit++;
        }
        return String.format(Locale.ROOT, "%.1f %s", value, UNITS[unit]);
    }

    /** Stored over raw, {@code -} for nothing. */
    public static String ratio(long stored, long raw) {
        return raw == 0 ? "-" : String.format(Locale.ROOT, "%.3f", (double) stored / raw);
    }

    /** A rate in GB/s or MB/s. */
    public static String rate(long bytes, Duration time) {
        double perSecond = bytes / Math.max(1e-6, time.toNanos() / 1e9);
        return perSecond >= 1e9
                ? String.format(Locale.ROOT, "%.2f GB/s", perSecond / 1e9)
                : String.format(Locale.ROOT, "%.1f MB/s", perSecond / 1e6);
    }

    /** A duration in seconds. */
    public static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.1f s", time.toNanos() / 1e9);
    }

    /** A label of wall-clock time in UTC, {@code -} for none. */
    public static String time(long millis) {
        return millis <= 0 ? "-" : TIME.format(Instant.ofEpochMilli(millis));
    }

    /** A number of things: {@code 1 shard}, {@code 2 shards}. */
    public static String count(long number, String thing) {
        return number + " " + thing + (number == 1 ? "" : "s");
    }

    static String of(VerificationStatus status) {
        return status == VerificationStatus.NONE ? "-" : status.name();
    }
}
