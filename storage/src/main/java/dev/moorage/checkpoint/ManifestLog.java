package dev.moorage.checkpoint;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerificationStatus;
import dev.moorage.protocol.record.Intent;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PartHeader;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.Verdict;
import dev.moorage.storage.ObjectStore;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The write-once records of attempts: intent, part records, outcome, verdicts. Every decision is one create that has exactly
 * one winner; who loses is told what is there.
 *
 * <p>Everywhere: CORRUPT for a record that does not hold or is not the one its key says, naming key and field; UNAVAILABLE if
 * the store does not answer, which is never the same as absent; IN_DOUBT for a write whose answer did not come; INVALID for a
 * record of a later version. Any thread; all calls block.
 */
public final class ManifestLog {
    private static final int VERDICTS_MAX = 999_999;

    private final RecordStore store;
    private final LongSupplier wallClockMillis;

    /** @param wallClockMillis milliseconds since 1970, for labels only */
    public ManifestLog(ObjectStore store, LongSupplier wallClockMillis) {
        this.store = new RecordStore(requireNonNull(store));
        this.wallClockMillis = requireNonNull(wallClockMillis);
    }

    /** What became of an intent. */
    public sealed interface IntentWrite {
        /** The attempt is open with it. */
        record Won(Intent intent) implements IntentWrite {}

        /**
         * The attempt was open already.
         *
         * @param existing what it goes by
         */
        record Lost(Intent existing) implements IntentWrite {}
    }

    /** What became of a part record. */
    public sealed interface PartWrite {
        /**
         * It is there.
         *
         * @param ref of the object on the store
         */
        record Won(PartRef ref) implements PartWrite {}

        /**
         * Somebody else's was there before.
         *
         * @param existing of the object on the store
         */
        record Lost(PartRef existing, PartHeader header) implements PartWrite {}
    }

    /**
     * What one listing shows of an attempt.
     *
     * @param parts length of each part record
     * @param shards length of each shard object, by key
     */
    public record Inventory(Map<PartNumber, Long> parts, Map<String, Long> shards) {
        public Inventory {
            parts = Collections.unmodifiableMap(new TreeMap<>(parts));
            shards = Collections.unmodifiableMap(new TreeMap<>(shards));
        }
    }

    /** Opens an attempt. The caller has made sure that the attempt before it is closed. */
    public IntentWrite open(Intent intent, Duration deadline) {
        Optional<ByteBuffer> existing = store.create(
                Layout.intent(intent.attempt()), IntentJson.encode(intent), RecordJson.LARGE_BYTES_MAX, deadline);
        return existing.isEmpty()
                ? new IntentWrite.Won(intent)
                : new IntentWrite.Lost(IntentJson.decode(intent.attempt(), existing.get()));
    }

    /** The intent of an attempt, empty if there is none. */
    public Optional<Intent> intent(AttemptId attempt) {
        return store.read(Layout.intent(attempt), RecordJson.LARGE_BYTES_MAX)
                .map(object -> IntentJson.decode(attempt, object));
    }

    /**
     * Closes an attempt, as a commit or as an abort: whichever came first stays.
     *
     * @return what is in the register: {@code proposed} if it won
     */
    public Manifest close(Manifest proposed, Duration deadline) {
        return store.create(
                        Layout.manifest(proposed.attempt()),
                        ManifestJson.encode(proposed),
                        RecordJson.LARGE_BYTES_MAX,
                        deadline)
                .map(existing -> ManifestJson.decode(proposed.attempt(), existing))
                .orElse(proposed);
    }

    /** The outcome of an attempt, empty while it is open. */
    public Optional<Manifest> outcome(AttemptId attempt) {
        return store.read(Layout.manifest(attempt), RecordJson.LARGE_BYTES_MAX)
                .map(object -> ManifestJson.decode(attempt, object));
    }

    /** Whether there is a tombstone; it counts by being there, whatever it says. */
    public boolean isDeleted(AttemptId attempt) {
        return store.exists(Layout.tombstone(attempt));
    }

    /** All attempts at a checkpoint that have left a record, ascending. Foreign names are no attempts. */
    public List<AttemptView> attempts(CheckpointId checkpoint) {
        List<AttemptView> attempts = new ArrayList<>();
        for (AttemptId id : attemptIds(checkpoint)) {
            AttemptView view = attempt(id);
            if (view.intent().isPresent() || view.outcome().isPresent() || view.deleted()) {
                attempts.add(view);
            }
        }
        return attempts;
    }

    private AttemptView attempt(AttemptId id) {
        // In this order: what is committed and then found without a tombstone was visible at that moment.
        Optional<Manifest> outcome = outcome(id);
        return new AttemptView(id, intent(id), outcome, isDeleted(id));
    }

    private List<AttemptId> attemptIds(CheckpointId checkpoint) {
        return store.children(Layout.step(checkpoint)).stream()
                .flatMap(name -> Layout.attemptNamed(name).stream())
                .map(attempt -> checkpoint.attempt(attempt.value()))
                .toList();
    }

    /** The jobs that the store knows, in order. */
    public List<JobName> jobs() {
        return store.children("").stream()
                .flatMap(name -> Layout.jobNamed(name).stream())
                .filter(job -> !Collections.disjoint(store.children(job + "/"), Layout.JOB_FOLDERS))
                .toList();
    }

    /** The steps of a job that have any attempt's folder, ascending. */
    NavigableSet<Step> steps(JobName job) {
        NavigableSet<Step> steps = new TreeSet<>();
        store.children(Layout.steps(job)).forEach(name -> Layout.stepNamed(name).ifPresent(steps::add));
        return steps;
    }

    /** Steps that have an attempt with an intent and without an outcome, ascending. Reads no records. */
    public List<CheckpointId> openAttempts(JobName job) {
        return steps(job).stream()
                .map(step -> new CheckpointId(job, step))
                .filter(checkpoint -> attemptIds(checkpoint).stream().anyMatch(this::isOpen))
                .toList();
    }

    private boolean isOpen(AttemptId attempt) {
        List<String> records = store.children(Layout.attempt(attempt));
        return records.contains(Layout.INTENT) && !records.contains(Layout.MANIFEST);
    }

    /** One listing each of part records and shard objects. */
    public Inventory inventory(AttemptId attempt) {
        Map<PartNumber, Long> parts = new TreeMap<>();
        String prefix = Layout.parts(attempt);
        store.list(prefix)
                .forEach((key, bytes) ->
                        Layout.partNamed(key.substring(prefix.length())).ifPresent(part -> parts.put(part, bytes)));
        return new Inventory(parts, store.list(Layout.shards(attempt)));
    }

    /** Writes a part record. The caller has made sure that all its shards are durable. */
    public PartWrite writePart(PartRecord record, Duration deadline) {
        AttemptId attempt = record.header().attempt();
        PartNumber part = record.header().part();
        ByteBuffer object = PartCodec.encode(record);
        Optional<ByteBuffer> existing = store.create(Layout.part(attempt, part), object, PartCodec.BYTES_MAX, deadline);
        if (existing.isEmpty()) {
            return new PartWrite.Won(PartCodec.head(attempt, part, object).ref());
        }
        PartHead head = PartCodec.head(attempt, part, existing.get());
        return new PartWrite.Lost(head.ref(), head.header());
    }

    /** Reads a whole part record and checks all of its sums. NOT_FOUND if there is none. */
    public PartRecord readPart(AttemptId attempt, PartNumber part) {
        return PartCodec.decode(attempt, part, partObject(attempt, part, FailureKind.NOT_FOUND));
    }

    /** The part record that a manifest names; one that is gone or of another size or sum is CORRUPT. */
    public PartRecord readPart(AttemptId attempt, PartRef expected) {
        return ofRanks(attempt, expected, () -> {
            ByteBuffer object = partObject(attempt, expected.part(), FailureKind.CORRUPT);
            named(attempt, expected, PartCodec.head(attempt, expected.part(), object));
            return PartCodec.decode(attempt, expected.part(), object);
        });
    }

    /** The head of a part record. The whole object is read and all of its sums are checked. NOT_FOUND if there is none. */
    public PartHead readHead(AttemptId attempt, PartNumber part) {
        return PartCodec.head(attempt, part, partObject(attempt, part, FailureKind.NOT_FOUND));
    }

    /** The head of the part record that a manifest names; one that is gone or of another size or sum is CORRUPT. */
    public PartHead readHead(AttemptId attempt, PartRef expected) {
        return ofRanks(attempt, expected, () -> {
            ByteBuffer object = partObject(attempt, expected.part(), FailureKind.CORRUPT);
            return named(attempt, expected, PartCodec.head(attempt, expected.part(), object));
        });
    }

    /** A record that does not hold cannot say whose shards it is about: the manifest can. */
    private static <T> T ofRanks(AttemptId attempt, PartRef part, Supplier<T> read) {
        try {
            return read.get();
        } catch (CheckpointException failure) {
            String ranks = Stream.of(part.own(), part.replicated())
                    .map(RankSet::toString)
                    .filter(some -> !some.isEmpty())
                    .collect(Collectors.joining(","));
            throw new CheckpointException(
                    failure.kind(),
                    attempt + ", ranks " + ranks + ": " + failure.getMessage()
                            + (failure.kind() == FailureKind.CORRUPT ? "; restore another checkpoint" : ""),
                    failure);
        }
    }

    private ByteBuffer partObject(AttemptId attempt, PartNumber part, FailureKind absent) {
        String key = Layout.part(attempt, part);
        return store.read(key, PartCodec.BYTES_MAX)
                .orElseThrow(() -> new CheckpointException(
                        absent, key + ": the record of part " + part + " of " + attempt + " is missing"));
    }

    private static PartHead named(AttemptId attempt, PartRef expected, PartHead head) {
        if (!head.ref().equals(expected)) {
            throw CheckpointException.corrupt(Layout.part(attempt, expected.part())
                    + ": not the part record that the manifest names: expected " + expected + ", was " + head.ref());
        }
        return head;
    }

    /** All verdicts on an attempt, in the order of their numbers. */
    public List<Verdict> verdicts(AttemptId attempt) {
        return verdictNumbers(attempt).stream()
                .flatMap(number -> store
                        .read(Layout.verdict(attempt, number), RecordJson.LARGE_BYTES_MAX)
                        .map(object -> VerdictJson.decode(attempt, number, object))
                        .stream())
                .toList();
    }

    private NavigableSet<Integer> verdictNumbers(AttemptId attempt) {
        NavigableSet<Integer> numbers = new TreeSet<>();
        store.children(Layout.verdicts(attempt))
                .forEach(name -> Layout.verdictNamed(name).ifPresent(numbers::add));
        return numbers;
    }

    /** What all verdicts on an attempt say together. */
    public VerificationStatus status(AttemptId attempt) {
        return VerdictRule.status(verdicts(attempt));
    }

    /**
     * Writes a verdict under the next free number.
     *
     * @param numbered the verdict with a given number, asked again for each number that another writer took first
     * @param deadline of each try
     */
    public Verdict writeVerdict(Function<Integer, Verdict> numbered, AttemptId attempt, Duration deadline) {
        NavigableSet<Integer> taken = verdictNumbers(attempt);
        for (int number = taken.isEmpty() ? 1 : taken.last() + 1; number <= VERDICTS_MAX; number++) {
            Verdict verdict = numbered.apply(number);
            ByteBuffer object = VerdictJson.encode(verdict);
            String key = Layout.verdict(attempt, number);
            if (store.create(key, object, RecordJson.LARGE_BYTES_MAX, deadline).isEmpty()) {
                return verdict;
            }
        }
        throw CheckpointException.unavailable(attempt + ": there are " + VERDICTS_MAX + " verdicts already");
    }

    /** Now, in milliseconds since 1970: a label for records that are made here. */
    long nowMillis() {
        return wallClockMillis.getAsLong();
    }
}
