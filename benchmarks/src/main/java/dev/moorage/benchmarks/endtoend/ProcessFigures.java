package dev.moorage.benchmarks.endtoend;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the kernel says of a process (Linux, proc(5)).
 *
 * @param cpuSeconds of all its threads since it began, user and system
 * @param peakBytes resident memory at its highest, shared memory that it touched included
 */
record ProcessFigures(double cpuSeconds, long peakBytes) {
    /** Clock ticks a second as proc(5) counts; 100 on every Linux of today. */
    private static final double TICKS = 100;

    private static final Pattern PEAK = Pattern.compile("(?m)^VmHWM:\\s+([0-9]+) kB");

    static ProcessFigures of(long pid) {
        try {
            Path proc = Path.of("/proc", Long.toString(pid));
            String stat = Files.readString(proc.resolve("stat"));
            // The name is in parentheses and may hold anything; the fields after it are numbers.
            String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
            Matcher peak = PEAK.matcher(Files.readString(proc.resolve("status")));
            long kilobytes = peak.find() ? Long.parseLong(peak.group(1)) : 0;
            return new ProcessFigures(
                    (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / TICKS, kilobytes << 10);
        } catch (IOException gone) {
            throw new UncheckedIOException(gone);
        }
    }
}
