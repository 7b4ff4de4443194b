package dev.moorage.checkpoint;

import dev.moorage.protocol.Attempt;
import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.record.StoredShard;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.regex.Pattern;

/**
 * Where everything lies on a store. Keys are always derived from checked ids, never taken from a request or a record; names
 * that a listing shows count only when they are exactly what this class would write. Prefixes end with {@code /}.
 */
public final class Layout {
    static final String INTENT = "intent.json";
    static final String MANIFEST = "manifest.json";

    /** A job has at least one of these. */
    static final List<String> JOB_FOLDERS = List.of("steps", "state");

    private static final Pattern DIGITS = Pattern.compile("[0-9]{1,20}");

    private Layout() {}

    /** All checkpoints of a job. */
    public static String steps(JobName job) {
        return job + "/steps/";
    }

    /** All attempts at a checkpoint. */
    public static String step(CheckpointId checkpoint) {
        return steps(checkpoint.job()) + padded(checkpoint.step().value(), 20) + "/";
    }

    /** Everything of an attempt. */
    public static String attempt(AttemptId attempt) {
        return step(attempt.checkpoint()) + "a" + padded(attempt.attempt().value(), 4) + "/";
    }

    /** What an attempt is going to store. */
    public static String intent(AttemptId attempt) {
        return attempt(attempt) + INTENT;
    }

    /** The outcome of an attempt. */
    public static String manifest(AttemptId attempt) {
        return attempt(attempt) + MANIFEST;
    }

    /** The mark that a checkpoint is deleted. */
    public static String tombstone(AttemptId attempt) {
        return attempt(attempt) + "deleted.json";
    }

    /** The derived index of all tensors. */
    public static String tensors(AttemptId attempt) {
        return attempt(attempt) + "tensors.pb";
    }

    /** All part records. */
    public static String parts(AttemptId attempt) {
        return attempt(attempt) + "parts/";
    }

    /** A part record. */
    public static String part(AttemptId attempt, PartNumber part) {
        return parts(attempt) + padded(part.value(), 6) + ".pb";
    }

    /** All shard objects. */
    public static String shards(AttemptId attempt) {
        return attempt(attempt) + "shards/";
    }

    /** A shard object; the upload id makes it unique, and its suffix tells people what opens it. */
    public static String shard(AttemptId attempt, StoredShard shard) {
        return shards(attempt)
                + "rank-"
                + padded(shard.shard().rank().value(), 6)
                + (shard.shard().kind() == ShardKind.REPLICATED ? "-replicated." : ".")
                + shard.uploadId()
                + "."
                + shard.format().extension()
                + shard.codec().suffix();
    }

    /** All verdicts. */
    public static String verdicts(AttemptId attempt) {
        return attempt(attempt) + "verify/";
    }

    /** A verdict, numbered from 1. */
    public static String verdict(AttemptId attempt, int number) {
        return verdicts(attempt) + padded(number, 6) + ".json";
    }

    /** All entries of the job-state log. */
    public static String states(JobName job) {
        return job + "/state/";
    }

    /** An entry of the job-state log, numbered from 1. */
    public static String state(JobName job, long seq) {
        return states(job) + padded(seq, 20) + ".json";
    }

    /** The job that a child of the root stands for; empty for a foreign name. */
    static Optional<JobName> jobNamed(String child) {
        try {
            return Optional.of(new JobName(child));
        } catch (CheckpointException foreign) {
            return Optional.empty();
        }
    }

    /** The step that a child of {@link #steps} stands for; empty for a foreign name. */
    static Optional<Step> stepNamed(String child) {
        OptionalLong step = number(child, "", 20, "");
        return step.isPresent() ? Optional.of(new Step(step.getAsLong())) : Optional.empty();
    }

    /** The attempt that a child of {@link #step} stands for; empty for a foreign name. */
    static Optional<Attempt> attemptNamed(String child) {
        OptionalLong attempt = number(child, "a", 4, "");
        return attempt.isPresent() && attempt.getAsLong() > 0
                ? Optional.of(new Attempt((int) attempt.getAsLong()))
                : Optional.empty();
    }

    /** The part that a child of {@link #parts} stands for; empty for a foreign name. */
    static Optional<PartNumber> partNamed(String child) {
        OptionalLong part = number(child, "", 6, ".pb");
        return part.isPresent() ? Optional.of(new PartNumber((int) part.getAsLong())) : Optional.empty();
    }

    /** The number of the verdict that a child of {@link #verdicts} stands for; empty for a foreign name. */
    static OptionalInt verdictNamed(String child) {
        OptionalLong number = number(child, "", 6, ".json");
        return number.isPresent() && number.getAsLong() > 0
                ? OptionalInt.of((int) number.getAsLong())
                : OptionalInt.empty();
    }

    /** The position in the log that a child of {@link #states} stands for; empty for a foreign name. */
    static OptionalLong stateNamed(String child) {
        OptionalLong seq = number(child, "", 20, ".json");
        return seq.isPresent() && seq.getAsLong() > 0 ? seq : OptionalLong.empty();
    }

    private static OptionalLong number(String name, String before, int width, String after) {
        int end = name.length() - after.length();
        if (end - before.length() != width || !name.startsWith(before) || !name.endsWith(after)) {
            return OptionalLong.empty();
        }
        String digits = name.substring(before.length(), end);
        try {
            return DIGITS.matcher(digits).matches() ? OptionalLong.of(Long.parseLong(digits)) : OptionalLong.empty();
        } catch (NumberFormatException tooLarge) {
            return OptionalLong.empty();
        }
    }

    private static String padded(long number, int width) {
        String digits = Long.toString(number);
        return "0".repeat(Math.max(0, width - digits.length())) + digits;
    }
}
