package dev.moorage.simulation;

import dev.moorage.checkpoint.AttemptView;
import dev.moorage.checkpoint.ManifestLog;
import dev.moorage.checkpoint.MemoryTarget;
import dev.moorage.checkpoint.PartRecord;
import dev.moorage.checkpoint.Progress;
import dev.moorage.checkpoint.ShardReader;
import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.StoredShard;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** Looks at what is left on the store when everything is over, with the real reader and without any fault. */
final class Inspector {
    private final World world;
    private final ManifestLog log;

    Inspector(World world) {
        this.world = world;
        this.log = new ManifestLog(world.truth, () -> 0);
    }

    /** S6: these bytes are what the ranks of that attempt's run staged. */
    void isAsStaged(AttemptId attempt, int rank, ShardKind kind, ByteBuffer bytes, String where) {
        Manifest.Committed manifest = log.outcome(attempt)
                .filter(Manifest.Committed.class::isInstance)
                .map(Manifest.Committed.class::cast)
                .orElseThrow(() -> world.timeline.broken("S3", attempt + " is not committed, but " + where));
        RunToken token = world.referee
                .run(manifest.run())
                .orElseThrow(() -> world.timeline.broken("S7", "no run " + manifest.run()))
                .token();
        int owner = kind == ShardKind.OWN ? rank : world.lowestOfGroup(rank);
        ByteBuffer expected = Content.of(world.seed, token, owner, attempt.step(), kind);
        if (!expected.equals(bytes)) {
            throw world.timeline.broken(
                    "S6", attempt + " " + kind + " of rank " + rank + ": not the bytes of " + token + ", " + where);
        }
    }

    boolean isCommitted(Step step) {
        return log.attempts(new CheckpointId(World.JOB, step)).stream().anyMatch(AttemptView::isVisible);
    }

    /** Steps that have an attempt without an outcome. */
    List<CheckpointId> open() {
        return log.openAttempts(World.JOB);
    }

    /** S1, S2, S6, S9 of everything that is there. */
    void check() {
        world.referee.objects().forEach(this::isUnchanged);
        for (Step step : world.steps) {
            List<Manifest.Committed> visible = log.attempts(new CheckpointId(World.JOB, step)).stream()
                    .filter(AttemptView::isVisible)
                    .flatMap(view -> view.committed().stream())
                    .toList();
            if (visible.size() > 1) {
                throw world.timeline.broken("S2", "step " + step + " is visible as " + visible);
            }
            visible.forEach(this::isWhole);
        }
    }

    private void isUnchanged(String key, Crc32c sum) {
        if (key.startsWith(".moorage/")) {
            return;
        }
        try {
            if (!world.truth.stat(key).crc().orElseThrow().equals(sum)) {
                throw world.timeline.broken("S9", key + " has changed");
            }
        } catch (IOException gone) {
            throw world.timeline.broken("S5", key + " is gone");
        }
    }

    private void isWhole(Manifest.Committed manifest) {
        AttemptId attempt = manifest.attempt();
        List<ShardId> found = new ArrayList<>();
        for (PartRef ref : manifest.parts()) {
            PartRecord part = log.readPart(attempt, ref);
            if (!part.header().run().equals(manifest.run())) {
                throw world.timeline.broken("S2", attempt + " part " + ref.part() + " is of another run");
            }
            for (int i = 0; i < part.details().size(); i++) {
                StoredShard stored = part.header().shards().get(i);
                found.add(stored.shard());
                restore(attempt, part, i);
            }
        }
        List<ShardId> expected = world.shards();
        if (!found.stream().sorted().toList().equals(expected.stream().sorted().toList())) {
            throw world.timeline.broken("S1", attempt + " holds " + found + ", expected " + expected);
        }
    }

    private void restore(AttemptId attempt, PartRecord part, int index) {
        StoredShard stored = part.header().shards().get(index);
        ByteBuffer bytes = ByteBuffer.allocate((int) stored.rawBytes());
        Equipment equipment = Equipment.shared();
        new ShardReader(world.truth, equipment.buffers(), equipment.lanes())
                .readAll(attempt, stored, part.details().get(index), new MemoryTarget(bytes), Progress.NONE);
        ShardId shard = stored.shard();
        isAsStaged(attempt, shard.rank().value(), shard.kind(), bytes, "restored");
    }
}
