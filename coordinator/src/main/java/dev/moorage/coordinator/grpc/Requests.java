package dev.moorage.coordinator.grpc;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.SaveSpec;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.v1.SaveRequest;
import dev.moorage.protocol.v1.VerifyRequest;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/** What callers send, checked: each failure is INVALID, with a message that says what was expected. */
final class Requests {
    // What is asked travels in one message to the job's coordinator, and a message has 128 KiB.
    private static final long METADATA_BYTES_MAX = 64 * 1024;
    private static final int RANGES_MAX = 5_000;

    private static final int PAGE_DEFAULT = 100;
    private static final int PAGE_MAX = 1_000;
    private static final Pattern REQUEST_ID = Pattern.compile("[\\x21-\\x7e]{1,64}");

    private Requests() {}

    static JobName job(String name) {
        return new JobName(name);
    }

    static Step step(long value) {
        if (value < 0) {
            throw CheckpointException.invalid(
                    "step must be 0 to " + Long.MAX_VALUE + ", was " + Long.toUnsignedString(value));
        }
        return new Step(value);
    }

    static CheckpointId checkpoint(String job, long step) {
        return new CheckpointId(job(job), step(step));
    }

    static Optional<Codec> codec(SaveRequest request) {
        return request.hasCodec() ? Optional.of(Codec.parse(request.getCodec())) : Optional.empty();
    }

    static Optional<VerifyDepth> depth(SaveRequest request) {
        return request.hasVerify() ? Optional.of(VerifyDepth.parse(request.getVerify())) : Optional.empty();
    }

    static java.util.Map<String, String> metadata(SaveRequest request) {
        SaveSpec.metadata(request.getMetadataMap());
        long bytes = request.getMetadataMap().entrySet().stream()
                .mapToLong(entry -> utf8(entry.getKey()) + utf8(entry.getValue()))
                .sum();
        if (bytes > METADATA_BYTES_MAX) {
            throw CheckpointException.invalid(
                    "metadata has " + bytes + " bytes, at most " + METADATA_BYTES_MAX + " are allowed");
        }
        return request.getMetadataMap();
    }

    private static long utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }

    /** A depth that looks at something. */
    static VerifyDepth depth(VerifyRequest request) {
        VerifyDepth depth = VerifyDepth.parse(request.getDepth());
        if (depth.kind() == VerifyDepth.Kind.NONE) {
            throw CheckpointException.invalid("a verification needs a depth: attest, sample:P or full");
        }
        return depth;
    }

    static Optional<RankSet> ranks(VerifyRequest request) {
        if (request.getRanks().isEmpty()) {
            return Optional.empty();
        }
        RankSet ranks = RankSet.parse(request.getRanks());
        if (ranks.ranges().size() > RANGES_MAX) {
            throw CheckpointException.invalid("ranks has " + ranks.ranges().size() + " ranges, at most " + RANGES_MAX
                    + " are allowed: verify all ranks, or the ranges one after the other");
        }
        return Optional.of(ranks);
    }

    static String requestId(String id) {
        if (!REQUEST_ID.matcher(id).matches()) {
            throw CheckpointException.invalid(
                    "request_id must be 1 to 64 printable ASCII characters without space, was " + id.length()
                            + " characters");
        }
        return id;
    }

    static int pageSize(int asked) {
        if (asked < 0 || asked > PAGE_MAX) {
            throw CheckpointException.invalid(
                    "page_size must be 0 (for " + PAGE_DEFAULT + ") to " + PAGE_MAX + ", was " + asked);
        }
        return asked == 0 ? PAGE_DEFAULT : asked;
    }

    /** The step that a page of checkpoints begins below; empty for the first page. */
    static Optional<Step> pageToken(String token) {
        if (token.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(step(Long.parseLong(token)));
        } catch (NumberFormatException wrong) {
            throw CheckpointException.invalid("page_token must be that of the page before");
        }
    }
}
