package dev.moorage.coordinator.core;

import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.cluster.ToCoordinator.ShardsChecked;
import dev.moorage.protocol.record.Finding;
import dev.moorage.protocol.record.PartHeader;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.StoredShard;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** The shards of one part that a verification looks at: who was asked, and what came back. */
final class VerifyCheck {
    final PartRef ref;
    final WorkerId uploader;
    final List<ShardId> shards;
    final long bytes;
    private final Set<Incarnation> tried = new HashSet<>();
    private Optional<Roster.Member> post = Optional.empty();
    private int moves;
    private long heardMillis;
    private long bytesDone;
    private Optional<ShardsChecked> answer = Optional.empty();
    private Optional<String> givenUp = Optional.empty();

    VerifyCheck(PartRef ref, PartHeader header, List<StoredShard> shards, long now) {
        this.ref = ref;
        this.uploader = header.worker();
        this.shards = shards.stream().map(StoredShard::shard).toList();
        this.bytes = shards.stream().mapToLong(StoredShard::storedBytes).sum();
        this.heardMillis = now;
    }

    boolean isDone() {
        return answer.isPresent() || givenUp.isPresent();
    }

    Optional<Roster.Member> post() {
        return post;
    }

    void post(Roster.Member worker, long now) {
        post = Optional.of(worker);
        tried.add(worker.incarnation());
        heardMillis = now;
        bytesDone = 0;
    }

    /** Nobody works on it any more; whoever comes next gets it. */
    void unpost(long now) {
        post = Optional.empty();
        moves++;
        heardMillis = now;
        bytesDone = 0;
    }

    boolean wasTriedBy(Incarnation incarnation) {
        return tried.contains(incarnation);
    }

    /** How often it was taken from a worker. */
    int moves() {
        return moves;
    }

    /** When a byte or a worker was last heard of. */
    long heardMillis() {
        return heardMillis;
    }

    long bytesDone() {
        return isDone() ? bytes : Math.min(bytesDone, bytes);
    }

    void progress(long read, long now) {
        if (read != bytesDone) {
            bytesDone = read;
            heardMillis = now;
        }
    }

    void answered(ShardsChecked checked) {
        if (!isDone()) {
            answer = Optional.of(checked);
        }
    }

    void giveUp(String reason) {
        givenUp = Optional.of(reason);
    }

    Optional<ShardsChecked> answer() {
        return answer;
    }

    /** Whether somebody other than the uploader has looked. */
    boolean isIndependent() {
        return answer.filter(checked -> !checked.worker().equals(uploader)).isPresent();
    }

    /** What does not hold; empty for a part that is good. */
    List<Finding> findings() {
        if (givenUp.isPresent()) {
            return all(shards, VerdictResult.INCOMPLETE, "part " + ref.part() + ": " + givenUp.get());
        }
        ShardsChecked checked = answer.orElseThrow();
        if (checked.result() != VerdictResult.GOOD && checked.findings().isEmpty()) {
            return all(
                    shards,
                    checked.result(),
                    "part " + ref.part() + ": worker " + checked.worker() + " answers " + checked.result() + ": "
                            + checked.proven());
        }
        return checked.findings();
    }

    static List<Finding> all(List<ShardId> shards, VerdictResult result, String message) {
        return shards.stream()
                .map(shard -> new Finding(shard, result, OptionalInt.empty(), message))
                .toList();
    }
}
