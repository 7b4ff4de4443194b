package dev.moorage.client.command;

import dev.moorage.checkpoint.AttemptView;
import dev.moorage.checkpoint.CheckpointSummary;
import dev.moorage.checkpoint.Layout;
import dev.moorage.protocol.Attempt;
import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.VerificationStatus;
import dev.moorage.protocol.WorldSize;
import dev.moorage.protocol.record.Intent;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.PlannedPart;
import dev.moorage.protocol.record.StoredShard;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** The records of a store as they are shown. */
final class StoreRows {
    private StoreRows() {}

    /** An attempt with all that the store has of it. */
    static Details details(AttemptView view, OpenStore store) {
        Optional<Manifest.Committed> visible = view.committed().filter(manifest -> view.isVisible());
        VerificationStatus status = visible.isPresent() ? store.log().status(view.id()) : VerificationStatus.NONE;
        var spec = visible.map(Manifest.Committed::spec).or(() -> view.intent().map(Intent::spec));
        List<Details.Shard> shards = new ArrayList<>();
        List<String> damages = new ArrayList<>();
        visible.ifPresent(manifest -> read(manifest, store, shards, damages));
        return new Details(
                row(view, status),
                spec.map(known -> known.codec().toString()).orElse(""),
                spec.map(known -> known.depth().toString()).orElse(""),
                spec.map(known -> new TreeMap<>(known.metadata())).orElseGet(TreeMap::new),
                shards,
                Optional.of(store.log().verdicts(view.id())),
                damages);
    }

    static Row row(CheckpointSummary summary) {
        return new Row(
                summary.step(),
                summary.state(),
                summary.attempt().map(Attempt::value).orElse(0),
                summary.run().map(RunNumber::value).orElse(0L),
                summary.worldSize().map(WorldSize::value).orElse(0),
                summary.rawBytes(),
                summary.storedBytes(),
                summary.status(),
                summary.createdAtMillis(),
                summary.reason());
    }

    private static Row row(AttemptView view, VerificationStatus status) {
        Optional<Intent> intent = view.intent();
        Optional<Manifest.Committed> committed = view.committed();
        return new Row(
                view.id().step(),
                Optional.of(view.state()),
                view.id().attempt().value(),
                intent.map(known -> known.run().value()).orElse(0L),
                intent.map(known -> known.spec().worldSize().value()).orElse(0),
                committed
                        .map(Manifest.Committed::rawBytes)
                        .or(() -> intent.map(StoreRows::plannedBytes))
                        .orElse(0L),
                committed.map(Manifest.Committed::storedBytes).orElse(0L),
                status,
                view.outcome()
                        .map(StoreRows::createdAtMillis)
                        .or(() -> intent.map(Intent::createdAtMillis))
                        .orElse(0L),
                view.reason());
    }

    private static long plannedBytes(Intent intent) {
        return intent.parts().stream().mapToLong(PlannedPart::rawBytes).sum();
    }

    private static long createdAtMillis(Manifest outcome) {
        return outcome instanceof Manifest.Committed committed
                ? committed.createdAtMillis()
                : ((Manifest.Aborted) outcome).createdAtMillis();
    }

    /** A part record that does not hold hides its own shards and no others. */
    private static void read(
            Manifest.Committed manifest, OpenStore store, List<Details.Shard> shards, List<String> damages) {
        List<StoredShard> found = new ArrayList<>();
        for (PartRef part : manifest.parts()) {
            try {
                found.addAll(
                        store.log().readHead(manifest.attempt(), part).header().shards());
            } catch (CheckpointException failure) {
                if (failure.kind() != FailureKind.CORRUPT) {
                    throw failure;
                }
                damages.add(failure.getMessage());
            }
        }
        found.sort(Comparator.comparing(StoredShard::shard));
        found.forEach(shard -> shards.add(shard(manifest.attempt(), shard)));
    }

    private static Details.Shard shard(AttemptId attempt, StoredShard shard) {
        return new Details.Shard(
                shard.shard().rank().value(),
                shard.shard().kind() == ShardKind.REPLICATED,
                Layout.shard(attempt, shard),
                shard.codec().toString(),
                shard.rawBytes(),
                shard.storedBytes(),
                shard.rawCrc().toString(),
                shard.storedCrc().toString());
    }
}
