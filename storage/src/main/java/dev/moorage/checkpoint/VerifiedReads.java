package dev.moorage.checkpoint;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.record.Finding;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.StoredShard;
import dev.moorage.storage.ObjectStore;
import dev.moorage.storage.Stores;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Reads of objects, shards and whole checkpoints that are compared with their sums, for programs that have no cluster.
 *
 * <p>Validation is on. {@link #withoutValidation} switches it off by name, for whoever wants to look at damaged bytes; no
 * other class reads without it. A sum that does not hold is CORRUPT at once and names rank, key, chunk, expected and actual.
 * Each verification writes one line to the audit log. Any thread that is not a lane.
 */
public final class VerifiedReads {
    private static final Pattern SHARD_NAME = Pattern.compile(".*/rank-([0-9]{6})(-replicated)?\\.[^/]*");
    private static final Pattern CHECKPOINT_URI = Pattern.compile("(?<store>.*)#(?<job>[^/#]*)/(?<step>[^/#]*)");
    private static final int SHARDS_AT_ONCE = 4;

    private final ObjectStore store;
    private final BufferPool buffers;
    private final Lanes lanes;
    private final boolean validates;

    /** Reads of one store, with validation. */
    public VerifiedReads(ObjectStore store, BufferPool buffers, Lanes lanes) {
        this(store, buffers, lanes, true);
    }

    private VerifiedReads(ObjectStore store, BufferPool buffers, Lanes lanes, boolean validates) {
        this.store = requireNonNull(store);
        this.buffers = requireNonNull(buffers);
        this.lanes = requireNonNull(lanes);
        this.validates = validates;
    }

    /** The same reads with no sum compared: what they hand out may not be what was saved. */
    public VerifiedReads withoutValidation() {
        return new VerifiedReads(store, buffers, lanes, false);
    }

    /**
     * A whole object of any kind, as it is stored.
     *
     * @param expected sum of its stored bytes; empty if the caller knows none
     * @throws CheckpointException NOT_FOUND; CORRUPT if the sum is another one; INVALID above 2 GiB
     */
    public ByteBuffer get(String key, Optional<Crc32c> expected) {
        return new ObjectReads(store, validates).read(key, 0, OptionalLong.empty(), expected);
    }

    /**
     * A range of an object of any kind, as it is stored.
     *
     * @param offset of the first byte
     * @param length in bytes; empty for all that follow
     * @param expected sum of these bytes; empty if the caller knows none
     * @throws CheckpointException as {@link #get}, and INVALID for a range outside of the object
     */
    public ByteBuffer getRange(String key, long offset, OptionalLong length, Optional<Crc32c> expected) {
        return new ObjectReads(store, validates).read(key, offset, length, expected);
    }

    /**
     * A whole checkpoint, in memory, decompressed.
     *
     * @param uri {@code STORE#JOB/STEP}; the step may be {@code latest} or {@code latest-verified}, and an empty STORE is the
     *     store of this object
     * @param expected {@link LoadedCheckpoint#crc}; empty if the caller knows none
     * @throws CheckpointException INVALID for another URI or a shard above 2 GiB; NOT_FOUND; CORRUPT
     */
    public LoadedCheckpoint loadCheckpoint(String uri, Optional<Crc32c> expected) {
        Matcher form = CHECKPOINT_URI.matcher(uri);
        if (!form.matches()) {
            throw CheckpointException.invalid(
                    "a checkpoint is named STORE#JOB/STEP, for example file:///data/ckpt#llama/latest; was "
                            + Text.quote(uri));
        }
        JobName job = new JobName(form.group("job"));
        Selector selector = Selector.parse(form.group("step"));
        if (form.group("store").isEmpty()) {
            return load(job, selector, expected);
        }
        try (ObjectStore other = Stores.openForReading(form.group("store"))) {
            return new VerifiedReads(other, buffers, lanes, validates).load(job, selector, expected);
        } catch (IOException failure) {
            throw new CheckpointException(
                    FailureKind.UNAVAILABLE, uri + ": the store does not close: " + Failures.reason(failure), failure);
        }
    }

    /**
     * Reads the shard whose object has that key.
     *
     * @param expected sum of its raw bytes; empty if the caller knows none: its part record does
     * @throws CheckpointException NOT_FOUND if the checkpoint has no such shard; else as {@link ShardReader#readAll}
     */
    public StoredShard readShard(
            Manifest.Committed manifest, String key, Optional<Crc32c> expected, ShardTarget target) {
        Matcher name = SHARD_NAME.matcher(key);
        if (name.matches()) {
            ShardKind kind = name.group(2) == null ? ShardKind.OWN : ShardKind.REPLICATED;
            Optional<Found> found = find(manifest, new ShardId(new Rank(Integer.parseInt(name.group(1))), kind));
            if (found.isPresent()
                    && Layout.shard(manifest.attempt(), found.get().stored()).equals(key)) {
                return read(manifest, found.get(), expected, target, Progress.NONE);
            }
        }
        throw CheckpointException.notFound(manifest.attempt() + " has no shard with the key " + Text.quote(key));
    }

    /**
     * Reads the own shard of a rank.
     *
     * @throws CheckpointException NOT_FOUND if the checkpoint has none; else as {@link ShardReader#readAll}
     */
    public StoredShard readShardByRank(Manifest.Committed manifest, Rank rank, ShardTarget target) {
        Found found = find(manifest, new ShardId(rank, ShardKind.OWN))
                .orElseThrow(() -> CheckpointException.notFound(manifest.attempt() + " has no shard of rank " + rank));
        return read(manifest, found, Optional.empty(), target, Progress.NONE);
    }

    /**
     * Reads all shards, one after the other, by rank.
     *
     * @param targets where each goes
     * @return what was read
     * @throws CheckpointException as {@link ShardReader#readAll}, at the first shard that fails
     */
    public List<StoredShard> readAllShards(Manifest.Committed manifest, Function<StoredShard, ShardTarget> targets) {
        return readAllShardsConcurrently(manifest, targets, 1);
    }

    /**
     * Reads all shards, several at once. The first failure stops the others.
     *
     * @param shardsAtOnce at least 1; memory stays within the buffer pool whatever it is
     */
    public List<StoredShard> readAllShardsConcurrently(
            Manifest.Committed manifest, Function<StoredShard, ShardTarget> targets, int shardsAtOnce) {
        List<Found> shards = manifest.parts().stream()
                .flatMap(part -> shardsOf(manifest, part))
                .sorted(Comparator.comparing(found -> found.stored().shard()))
                .toList();
        ShardFanOut.run(
                shards,
                shardsAtOnce,
                (found, progress) -> read(manifest, found, Optional.empty(), targets.apply(found.stored()), progress));
        return shards.stream().map(Found::stored).toList();
    }

    /**
     * Reads back the whole checkpoint, several shards at once, and tells everything that does not hold. Nothing is a plain
     * no: an unanswered read is an INCOMPLETE finding, a wrong sum a CORRUPT one. Validates even after
     * {@link #withoutValidation}.
     *
     * @return empty if every byte is what was saved
     */
    public List<Finding> validateCheckpoint(Manifest.Committed manifest, int shardsAtOnce) {
        List<Finding> findings = Collections.synchronizedList(new ArrayList<>());
        ShardReader reader = new ShardReader(store, buffers, lanes);
        List<Found> shards = new ArrayList<>();
        for (PartRef part : manifest.parts()) {
            try {
                shardsOf(manifest, part).forEach(shards::add);
            } catch (CheckpointException failure) {
                findings.addAll(unreadable(part, failure));
            }
        }
        ShardFanOut.run(
                shards,
                shardsAtOnce,
                (found, progress) -> findings.addAll(reader.verify(
                        manifest.attempt(),
                        found.stored(),
                        Optional.of(found.detail()),
                        VerifyDepth.FULL,
                        0,
                        progress)));
        return findings.stream().sorted(Comparator.comparing(Finding::shard)).toList();
    }

    /** A shard and what its part record says of it. */
    private record Found(StoredShard stored, ShardDetail detail) {}

    private Optional<Found> find(Manifest.Committed manifest, ShardId shard) {
        return manifest.parts().stream()
                .filter(part -> (shard.kind() == ShardKind.OWN ? part.own() : part.replicated()).contains(shard.rank()))
                .flatMap(part -> shardsOf(manifest, part))
                .filter(found -> found.stored().shard().equals(shard))
                .findFirst();
    }

    private Stream<Found> shardsOf(Manifest.Committed manifest, PartRef part) {
        PartRecord record = new ManifestLog(store, () -> 0).readPart(manifest.attempt(), part);
        List<Found> shards = new ArrayList<>();
        for (int i = 0; i < record.details().size(); i++) {
            shards.add(
                    new Found(record.header().shards().get(i), record.details().get(i)));
        }
        return shards.stream();
    }

    private static List<Finding> unreadable(PartRef part, CheckpointException failure) {
        VerdictResult result = failure.kind() == FailureKind.CORRUPT ? VerdictResult.CORRUPT : VerdictResult.INCOMPLETE;
        Stream<ShardId> shards = Stream.concat(
                part.own().ranks().map(rank -> new ShardId(rank, ShardKind.OWN)),
                part.replicated().ranks().map(rank -> new ShardId(rank, ShardKind.REPLICATED)));
        return shards.map(shard -> new Finding(shard, result, OptionalInt.empty(), failure.getMessage()))
                .toList();
    }

    private StoredShard read(
            Manifest.Committed manifest,
            Found found,
            Optional<Crc32c> expected,
            ShardTarget target,
            Progress progress) {
        StoredShard stored = found.stored();
        if (validates && expected.isPresent() && !expected.get().equals(stored.rawCrc())) {
            CheckpointException corrupt = new ShardPlace(manifest.attempt(), stored)
                    .corrupt("the sum of its raw bytes is " + stored.rawCrc() + ", expected " + expected.get());
            Audit.of("shard", new ShardPlace(manifest.attempt(), stored), stored.rawBytes())
                    .failed(corrupt);
            throw corrupt;
        }
        ShardReader reader = new ShardReader(store, buffers, lanes);
        (validates ? reader : reader.withoutValidation())
                .readAll(manifest.attempt(), stored, found.detail(), target, progress);
        return stored;
    }

    private LoadedCheckpoint load(JobName job, Selector selector, Optional<Crc32c> expected) {
        ManifestLog log = new ManifestLog(store, () -> 0);
        Manifest.Committed manifest = new Catalog(log, new ShardReader(store, buffers, lanes))
                .select(job, selector)
                .manifest();
        Map<ShardId, ByteBuffer> contents = Collections.synchronizedMap(new TreeMap<>());
        List<StoredShard> shards =
                readAllShardsConcurrently(manifest, shard -> memory(manifest, shard, contents), SHARDS_AT_ONCE);
        Crc32c actual = Crc32c.EMPTY;
        for (StoredShard shard : shards) {
            actual = actual.followedBy(shard.rawCrc(), shard.rawBytes());
        }
        if (validates && expected.isPresent() && !expected.get().equals(actual)) {
            throw CheckpointException.corrupt(
                    manifest.attempt() + ": the sum of all its shards is " + actual + ", expected " + expected.get());
        }
        return new LoadedCheckpoint(manifest, new TreeMap<>(contents), actual);
    }

    private static ShardTarget memory(
            Manifest.Committed manifest, StoredShard shard, Map<ShardId, ByteBuffer> contents) {
        if (shard.rawBytes() > Integer.MAX_VALUE - 8) {
            throw CheckpointException.invalid(new ShardPlace(manifest.attempt(), shard) + ": " + shard.rawBytes()
                    + " bytes do not fit one buffer; restore it to a file");
        }
        ByteBuffer content = ByteBuffer.allocate((int) shard.rawBytes());
        contents.put(shard.shard(), content);
        return new MemoryTarget(content);
    }
}
