package dev.moorage.worker;

import static java.util.Objects.requireNonNull;

import com.typesafe.config.Config;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.WorkerId;
import dev.moorage.storage.Bandwidth;
import dev.moorage.worker.core.WorkerRules;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;
import java.util.OptionalLong;

/**
 * Every setting of a worker, checked.
 *
 * @param name of the worker
 * @param host for people: where it runs
 * @param stagingDir in which it has a directory named after it
 * @param stagingBytesMax of all segments together; empty: half of the file system
 * @param lanes chunks that are worked on at once
 * @param bufferBytes for chunks, outside of the Java heap
 * @param bandwidth of this host to and from the store
 * @param socket whether it serves ranks on a unix socket
 */
public record WorkerSettings(
        WorkerId name,
        String host,
        Path stagingDir,
        OptionalLong stagingBytesMax,
        WorkerRules.WhenFull whenFull,
        WorkerRules.Times times,
        int lanes,
        long bufferBytes,
        Bandwidth bandwidth,
        boolean socket) {
    /** More lanes would take the host's processors from the training for a speed that few networks have. */
    private static final int LANES_MAX_BY_DEFAULT = 16;

    private static final long BUFFER_BYTES_OF_LANE = 32L << 20;
    private static final long BUFFER_BYTES_MAX_BY_DEFAULT = 384L << 20;

    public WorkerSettings {
        requireNonNull(name);
        requireNonNull(host);
        requireNonNull(stagingDir);
        requireNonNull(whenFull);
        requireNonNull(times);
        requireNonNull(bandwidth);
        if (stagingBytesMax.isPresent() && stagingBytesMax.getAsLong() < 1) {
            throw CheckpointException.invalid("staging-bytes-max must be positive, was " + stagingBytesMax.getAsLong());
        }
        if (lanes < 1 || lanes > 1_024) {
            throw CheckpointException.invalid("lanes must be 1 to 1024, was " + lanes);
        }
    }

    /**
     * Reads them.
     *
     * @param root with {@code moorage.worker}, and {@code moorage.time-scale} if times are to be multiplied
     * @throws CheckpointException INVALID, naming the key
     */
    public static WorkerSettings from(Config root) {
        Config worker = root.getConfig("moorage.worker");
        String host = hostName();
        String name = worker.getString("name");
        double scale = root.hasPath("moorage.time-scale") ? root.getDouble("moorage.time-scale") : 1;
        if (!(scale > 0)) {
            throw CheckpointException.invalid("moorage.time-scale must be above 0, was " + scale);
        }
        int lanes = worker.getInt("lanes") == 0
                ? Math.min(Runtime.getRuntime().availableProcessors(), LANES_MAX_BY_DEFAULT)
                : worker.getInt("lanes");
        long bufferBytes = worker.getBytes("buffer-bytes");
        return new WorkerSettings(
                new WorkerId(name.isEmpty() ? nameOf(host) : name),
                host,
                Path.of(worker.getString("staging-dir")),
                worker.getString("staging-bytes-max").equals("auto")
                        ? OptionalLong.empty()
                        : OptionalLong.of(worker.getBytes("staging-bytes-max")),
                whenFull(worker.getString("when-full")),
                times(worker).scaled(scale),
                lanes,
                bufferBytes == 0 ? bufferBytesOf(lanes) : bufferBytes,
                new Bandwidth(rate(worker, "max-upload"), rate(worker, "max-read")),
                worker.getBoolean("socket"));
    }

    /** The same under another name, for clusters that run several workers in one process. */
    public WorkerSettings named(WorkerId other) {
        return new WorkerSettings(
                other, host, stagingDir, stagingBytesMax, whenFull, times, lanes, bufferBytes, bandwidth, socket);
    }

    /**
     * Buffers for chunks if none are asked for: three or four chunks a lane, some of which wait to be uploaded. With more of them
     * each buffer has left the processor's cache before it is used again.
     */
    static long bufferBytesOf(int lanes) {
        return Math.min(lanes * BUFFER_BYTES_OF_LANE, BUFFER_BYTES_MAX_BY_DEFAULT);
    }

    private static OptionalLong rate(Config worker, String key) {
        try {
            return Bandwidth.parse(worker.getString(key));
        } catch (CheckpointException malformed) {
            throw new CheckpointException(
                    malformed.kind(), "moorage.worker." + key + ": " + malformed.getMessage(), malformed);
        }
    }

    private static WorkerRules.Times times(Config worker) {
        return new WorkerRules.Times(
                duration(worker, "register-interval"),
                duration(worker, "own-look-up-after"),
                duration(worker, "attach-wait"),
                duration(worker, "lease-wait"),
                duration(worker, "load-wait"));
    }

    private static Duration duration(Config worker, String key) {
        Duration time = worker.getDuration(key);
        if (time.isNegative() || time.isZero()) {
            throw CheckpointException.invalid("moorage.worker." + key + " must be positive, was " + time);
        }
        return time;
    }

    private static WorkerRules.WhenFull whenFull(String text) {
        return switch (text) {
            case "wait" -> WorkerRules.WhenFull.WAIT;
            case "skip" -> WorkerRules.WhenFull.SKIP;
            case "fail" -> WorkerRules.WhenFull.FAIL;
            default ->
                throw CheckpointException.invalid(
                        "moorage.worker.when-full must be wait, skip or fail, was '" + text + "'");
        };
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "localhost";
        }
    }

    /** A host's name as a worker's: what does not fit becomes a dash. */
    private static String nameOf(String host) {
        String name =
                host.toLowerCase(Locale.ROOT).replaceAll("[^a-z0-9.-]", "-").replaceAll("\\.{2,}", ".");
        String begun = name.replaceAll("^[^a-z0-9]+", "");
        return begun.isEmpty() ? "worker" : begun.substring(0, Math.min(begun.length(), 63));
    }
}
