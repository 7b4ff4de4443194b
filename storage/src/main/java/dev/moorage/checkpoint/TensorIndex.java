package dev.moorage.checkpoint;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.storage.ObjectStore;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells which part records to read for a tensor: {@code tensors.pb}, an index that is derived from the part records after the
 * commit.
 *
 * <p>It is a hint. What it points to is proved by the part records, and whoever finds none, or one that does not hold, looks
 * through all of them. Any thread; all calls block.
 */
public final class TensorIndex {
    /** The longest index; a checkpoint that would need a longer one has none. */
    static final int BYTES_MAX = 64 << 20;

    /** What making one may take of the heap: enough for half a million names. A checkpoint with more has no index. */
    private static final int HEAP_BYTES_MAX = 128 << 20;

    /** About what a name costs there, without its characters and places. */
    private static final int ENTRY_BYTES = 200;

    private static final Logger LOG = LoggerFactory.getLogger(TensorIndex.class);

    private final RecordStore store;
    private final ManifestLog log;

    /** The indexes of one store. */
    public TensorIndex(ObjectStore store) {
        this.store = new RecordStore(requireNonNull(store));
        this.log = new ManifestLog(store, () -> 0);
    }

    /**
     * Makes the index of a checkpoint from its part records, unless it is there.
     *
     * @return whether the checkpoint has one now: one of opaque shards needs none, and one that would be too long has none
     * @throws CheckpointException CORRUPT if a part record does not hold; UNAVAILABLE or IN_DOUBT if the store does not answer
     */
    public boolean write(Manifest.Committed manifest, Duration deadline) {
        Map<String, PartRanges> parts = new TreeMap<>();
        long heapBytes = 0;
        AttemptId attempt = manifest.attempt();
        for (PartRef part : manifest.parts()) {
            for (ShardDetail detail : log.readPart(attempt, part).details()) {
                for (TensorEntry tensor : detail.tensors()) {
                    heapBytes += added(parts, tensor.name(), part.part().value());
                }
            }
            if (heapBytes > HEAP_BYTES_MAX) {
                LOG.info("{} has too many tensors for an index; whoever looks for one reads all part records", attempt);
                return false;
            }
        }
        Optional<ByteBuffer> object = TensorIndexCodec.encode(attempt, parts);
        if (parts.isEmpty() || object.isEmpty()) {
            return false;
        }
        store.create(Layout.tensors(attempt), object.get(), BYTES_MAX, deadline);
        return true;
    }

    /** Answers the bytes of the heap that it took. */
    private static int added(Map<String, PartRanges> parts, String tensor, int part) {
        PartRanges known = parts.get(tensor);
        if (known == null) {
            known = PartRanges.of(part);
            parts.put(tensor, known);
            return ENTRY_BYTES + tensor.length() + known.bytes();
        }
        int before = known.bytes();
        known.add(part);
        return known.bytes() - before;
    }

    /**
     * The parts that hold a tensor, or slices of it.
     *
     * @return empty if that is not known: there is no index, it does not hold, or it does not have that name
     * @throws CheckpointException UNAVAILABLE if the store does not answer
     */
    public Optional<List<PartRef>> partsWith(Manifest.Committed manifest, String tensor) {
        AttemptId attempt = manifest.attempt();
        try {
            return store.read(Layout.tensors(attempt), BYTES_MAX)
                    .map(object -> TensorIndexCodec.parts(attempt, object, tensor))
                    .map(parts -> named(manifest, parts))
                    .filter(parts -> !parts.isEmpty());
        } catch (CheckpointException wrong) {
            if (wrong.kind() == FailureKind.CORRUPT) {
                // Nothing is lost: the part records say the same.
                return Optional.empty();
            }
            throw wrong;
        }
    }

    private static List<PartRef> named(Manifest.Committed manifest, BitSet parts) {
        return manifest.parts().stream()
                .filter(part -> parts.get(part.part().value()))
                .toList();
    }
}
