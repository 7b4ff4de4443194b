package dev.moorage.checkpoint;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.Dtype;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.SaveSpec;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.UploadId;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.WorldSize;
import dev.moorage.protocol.record.Finding;
import dev.moorage.protocol.record.Intent;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PartHeader;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.PlannedPart;
import dev.moorage.protocol.record.PlannedShard;
import dev.moorage.protocol.record.StateEntry;
import dev.moorage.protocol.record.StoredShard;
import dev.moorage.protocol.record.Verdict;
import java.nio.ByteBuffer;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.stream.Stream;

/** One of each record, always the same. */
final class Samples {
    static final JobName JOB = new JobName("llama-7b");
    static final CheckpointId CHECKPOINT = new CheckpointId(JOB, new Step(1200));
    static final AttemptId ATTEMPT = CHECKPOINT.attempt(2);
    static final Epoch EPOCH = new Epoch(3);
    static final long MILLIS = 1_763_827_200_000L;
    static final SaveSpec SPEC = new SaveSpec(
            new WorldSize(2), Codec.zstd(3), VerifyDepth.FULL, new TreeMap<>(java.util.Map.of("note", "é \"\u001f\"")));

    private Samples() {}

    /** A record as it is on the store, and what reads it. */
    record Stored(String name, String key, ByteBuffer bytes, Object value, Function<ByteBuffer, Object> decode) {
        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Stored> json() {
        return Stream.of(
                new Stored(
                        "intent.json",
                        Layout.intent(ATTEMPT),
                        IntentJson.encode(intent()),
                        intent(),
                        bytes -> IntentJson.decode(ATTEMPT, bytes)),
                new Stored(
                        "manifest-committed.json",
                        Layout.manifest(ATTEMPT),
                        ManifestJson.encode(committed()),
                        committed(),
                        bytes -> ManifestJson.decode(ATTEMPT, bytes)),
                new Stored(
                        "manifest-aborted.json",
                        Layout.manifest(ATTEMPT),
                        ManifestJson.encode(aborted()),
                        aborted(),
                        bytes -> ManifestJson.decode(ATTEMPT, bytes)),
                new Stored(
                        "verdict.json",
                        Layout.verdict(ATTEMPT, 4),
                        VerdictJson.encode(verdict()),
                        verdict(),
                        bytes -> VerdictJson.decode(ATTEMPT, 4, bytes)),
                new Stored(
                        "deleted.json",
                        Layout.tombstone(ATTEMPT),
                        tombstone().encode(),
                        tombstone(),
                        bytes -> Tombstone.decode(ATTEMPT, bytes)),
                state("state-claim.json", new StateEntry.Claim("node-1")),
                state(
                        "state-run.json",
                        new StateEntry.Run(new RunNumber(1), new RunToken("torch:1:0"), new WorldSize(2))),
                state("state-restore.json", new StateEntry.Restore(new RunNumber(1), 0, new Step(1200))),
                state("state-trigger.json", new StateEntry.Trigger("request-9", new Step(1300))));
    }

    static Stored part() {
        return new Stored(
                "part.pb",
                Layout.part(ATTEMPT, new PartNumber(0)),
                PartCodec.encode(partRecord()),
                partRecord(),
                bytes -> PartCodec.decode(ATTEMPT, new PartNumber(0), bytes));
    }

    static Stored tensorIndex() {
        BitSet parts = new BitSet();
        parts.set(0, 3);
        parts.set(7);
        Map<String, PartRanges> all = new TreeMap<>(
                Map.of("layer.0.weight", PartRanges.of(0, 1, 1, 2, 7), "layer.1.weight", PartRanges.of()));
        return new Stored(
                "tensors.pb",
                Layout.tensors(ATTEMPT),
                TensorIndexCodec.encode(ATTEMPT, all).orElseThrow(),
                parts,
                bytes -> TensorIndexCodec.parts(ATTEMPT, bytes, "layer.0.weight"));
    }

    /** Those that are not JSON. */
    static Stream<Stored> binary() {
        return Stream.of(part(), tensorIndex());
    }

    private static Stored state(String name, StateEntry.Event event) {
        StateEntry entry = new StateEntry(5, EPOCH, nonce(4), nonce(5), event, MILLIS);
        return new Stored(
                name,
                Layout.state(JOB, 5),
                StateJson.encode(JOB, entry),
                entry,
                bytes -> StateJson.decode(JOB, 5, bytes));
    }

    static Nonce nonce(int number) {
        return new Nonce(String.format("%032x", number));
    }

    static Intent intent() {
        return intent(ATTEMPT, 7);
    }

    static Intent intent(AttemptId attempt, int nonce) {
        PlannedShard own0 = planned(0, ShardKind.OWN, ShardFormat.SAFETENSORS);
        PlannedShard replicated0 = planned(0, ShardKind.REPLICATED, ShardFormat.OPAQUE);
        PlannedShard own1 = planned(1, ShardKind.OWN, ShardFormat.OPAQUE);
        return new Intent(
                attempt,
                new RunNumber(1),
                SPEC,
                List.of(
                        new PlannedPart(new PartNumber(0), List.of(own0, replicated0)),
                        new PlannedPart(new PartNumber(1), List.of(own1))),
                EPOCH,
                nonce(nonce),
                MILLIS);
    }

    private static PlannedShard planned(int rank, ShardKind kind, ShardFormat format) {
        return new PlannedShard(new ShardId(new Rank(rank), kind), format, 300, new Crc32c(0xdeadbeef));
    }

    static Manifest.Committed committed() {
        return committed(ATTEMPT, 8);
    }

    static Manifest.Committed committed(AttemptId attempt, int nonce) {
        return new Manifest.Committed(
                attempt,
                new RunNumber(1),
                SPEC,
                List.of(
                        new PartRef(new PartNumber(0), 512, new Crc32c(1), RankSet.parse("0"), RankSet.parse("0")),
                        new PartRef(new PartNumber(1), 256, new Crc32c(2), RankSet.parse("1"), RankSet.EMPTY)),
                900,
                450,
                EPOCH,
                nonce(nonce),
                MILLIS);
    }

    static Manifest.Aborted aborted() {
        return aborted(ATTEMPT, 9);
    }

    static Manifest.Aborted aborted(AttemptId attempt, int nonce) {
        return new Manifest.Aborted(attempt, "rank 1 on host b was lost", EPOCH, nonce(nonce), MILLIS);
    }

    static Tombstone tombstone() {
        return new Tombstone(ATTEMPT, "retention", EPOCH, nonce(10), MILLIS);
    }

    static Verdict verdict() {
        Finding finding = new Finding(ShardId.own(1), VerdictResult.CORRUPT, OptionalInt.of(2), "expected a, was b");
        Finding whole = new Finding(ShardId.own(0), VerdictResult.INCOMPLETE, OptionalInt.empty(), "time-out");
        return verdict(4, VerifyDepth.FULL, VerdictResult.CORRUPT, List.of(finding, whole));
    }

    static Verdict verdict(int number, VerifyDepth depth, VerdictResult result, List<Finding> findings) {
        return new Verdict(
                ATTEMPT, number, depth, result, true, true, "every byte", 3, 450, findings, nonce(11), MILLIS);
    }

    static PartRecord partRecord() {
        return partRecord(ATTEMPT, 12);
    }

    static PartRecord partRecord(AttemptId attempt, int nonce) {
        ChunkTable chunks = new ChunkTable(
                List.of(
                        new ChunkEntry(100, 40, new Crc32c(11), new Crc32c(12), ChunkEntry.Coding.ZSTD),
                        new ChunkEntry(200, 200, new Crc32c(13), new Crc32c(13), ChunkEntry.Coding.RAW)),
                17,
                new Crc32c(14));
        List<TensorEntry> tensors = List.of(
                new TensorEntry("layer.0.weight", Dtype.BF16, List.of(5L, 10L), 100, 100, Optional.empty()),
                new TensorEntry(
                        "layer.1.weight",
                        Dtype.F32,
                        List.of(5L, 5L),
                        200,
                        100,
                        Optional.of(new TensorEntry.Slice(List.of(10L, 5L), List.of(5L, 0L)))));
        ChunkTable plain = new ChunkTable(
                List.of(new ChunkEntry(64, 64, new Crc32c(15), new Crc32c(15), ChunkEntry.Coding.RAW)),
                0,
                Crc32c.EMPTY);
        PartHeader header = new PartHeader(
                attempt,
                new RunNumber(1),
                new PartNumber(0),
                new WorkerId("host-a"),
                new Incarnation("a".repeat(32)),
                nonce(nonce),
                List.of(
                        stored(0, ShardKind.OWN, ShardFormat.SAFETENSORS, Codec.zstd(3), chunks),
                        stored(0, ShardKind.REPLICATED, ShardFormat.OPAQUE, Codec.NONE, plain)));
        return new PartRecord(header, List.of(new ShardDetail(tensors, chunks), new ShardDetail(List.of(), plain)));
    }

    private static StoredShard stored(int rank, ShardKind kind, ShardFormat format, Codec codec, ChunkTable chunks) {
        return new StoredShard(
                new ShardId(new Rank(rank), kind),
                format,
                new UploadId("b".repeat(32)),
                codec,
                chunks.rawBytes(),
                chunks.storedBytes(),
                chunks.rawCrc(),
                chunks.storedCrc());
    }
}
