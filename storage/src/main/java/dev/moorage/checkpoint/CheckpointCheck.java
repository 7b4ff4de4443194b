package dev.moorage.checkpoint;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.record.Finding;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.StoredShard;
import dev.moorage.protocol.record.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Stream;

/** One verification of one checkpoint, part after part. Used once, by one thread. */
final class CheckpointCheck {
    /** As many as a verdict keeps. */
    private static final int FINDINGS_MAX = 1000;

    private final ManifestLog log;
    private final ShardReader reader;
    private final Manifest.Committed manifest;
    private final AttemptId attempt;
    private final Optional<RankSet> ranks;

    private final List<Finding> findings = new ArrayList<>();
    private VerdictResult result = VerdictResult.GOOD;
    private boolean allShards = true;
    private int shards;
    private long bytesRead;

    CheckpointCheck(ManifestLog log, ShardReader reader, Manifest.Committed manifest, Optional<RankSet> ranks) {
        this.log = log;
        this.reader = reader;
        this.manifest = manifest;
        this.attempt = manifest.attempt();
        this.ranks = ranks;
    }

    Verdict verdict(VerifyDepth depth, Progress progress) {
        manifest.parts().forEach(part -> look(part, depth, progress));
        return new Verdict(
                attempt,
                1,
                depth,
                result,
                allShards,
                true,
                proven(depth),
                shards,
                bytesRead,
                findings,
                Nonce.random(),
                log.nowMillis());
    }

    private void look(PartRef part, VerifyDepth depth, Progress progress) {
        List<ShardId> wanted = wanted(part);
        if (wanted.isEmpty()) {
            return;
        }
        shards += wanted.size();
        PartRecord record;
        try {
            record = log.readPart(attempt, part);
        } catch (CheckpointException wrong) {
            wanted.forEach(
                    shard -> found(new Finding(shard, resultOf(wrong), OptionalInt.empty(), wrong.getMessage())));
            return;
        }
        for (int i = 0; i < record.details().size(); i++) {
            StoredShard shard = record.header().shards().get(i);
            if (wanted.contains(shard.shard())) {
                ShardDetail detail = record.details().get(i);
                long seed = ThreadLocalRandom.current().nextLong();
                reader.verify(attempt, shard, Optional.of(detail), depth, seed, progress)
                        .forEach(this::found);
                bytesRead += ShardCheck.bytesRead(detail, depth, seed);
            }
        }
    }

    private List<ShardId> wanted(PartRef part) {
        List<ShardId> wanted = Stream.concat(
                        ids(part.own(), ShardKind.OWN), ids(part.replicated(), ShardKind.REPLICATED))
                .filter(shard -> ranks.isEmpty() || ranks.get().contains(shard.rank()))
                .toList();
        allShards &= wanted.size() == part.own().size() + part.replicated().size();
        return wanted;
    }

    private static Stream<ShardId> ids(RankSet ranks, ShardKind kind) {
        return ranks.ranks().map((Rank rank) -> new ShardId(rank, kind));
    }

    /** What is not an answer of the store is a record that does not hold. */
    private static VerdictResult resultOf(CheckpointException wrong) {
        return wrong.kind() == FailureKind.CORRUPT ? VerdictResult.CORRUPT : VerdictResult.INCOMPLETE;
    }

    private void found(Finding finding) {
        if (findings.size() < FINDINGS_MAX) {
            findings.add(finding);
        }
        if (result != VerdictResult.CORRUPT) {
            result = finding.result();
        }
    }

    private static String proven(VerifyDepth depth) {
        return switch (depth.kind()) {
            case NONE -> "nothing";
            case ATTEST ->
                "the records' sums; each shard's size and, where the store keeps one, its own sum of the object";
            case SAMPLE ->
                "the records' sums; each shard's size; both sums of a sample of the chunks that were read back";
            case FULL -> "the records' sums; each shard's size; both sums of every chunk, read back and decompressed";
        };
    }
}
