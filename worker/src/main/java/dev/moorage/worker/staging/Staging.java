package dev.moorage.worker.staging;

import dev.moorage.checkpoint.FileSource;
import dev.moorage.checkpoint.FileTarget;
import dev.moorage.checkpoint.Safetensors;
import dev.moorage.checkpoint.ShardSource;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.WorkerId;
import dev.moorage.worker.core.SegmentId;
import dev.moorage.worker.core.StagedRecord;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The segments and sidecars of one worker, in a directory of their own that no other process uses. Calls block and may be
 * made from any thread; nothing here is removed while {@link #close} has not been called, except by {@link #discard}.
 */
public final class Staging implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Staging.class);
    private static final int BUFFER_BYTES = 256 * 1024;
    private static final String SEGMENT = ".segment";
    private static final String SIDECAR = ".staged";

    private final StagingRoot root;

    private Staging(StagingRoot root) {
        this.root = root;
    }

    /**
     * Takes the directory of a worker.
     *
     * @param stagingDir shared by the workers of a host; each has a directory named after it there
     * @throws CheckpointException INVALID if another process of that name holds it, or it is not a directory of this user;
     *     UNAVAILABLE if it cannot be made
     */
    public static Staging open(Path stagingDir, WorkerId worker) {
        return new Staging(StagingRoot.open(stagingDir, worker));
    }

    /** Absolute path of the worker's directory. */
    public Path directory() {
        return root.path();
    }

    /**
     * What an earlier life has left: sidecars that hold, of segments that are long enough. Everything else is removed, as
     * nobody knows what is in it. The sums are not checked here: whoever reads a segment meets them.
     *
     * @return records with the lengths of their segments' files, the oldest run and step first
     */
    public Map<StagedRecord, Long> recover() {
        List<StagedRecord> believed = new ArrayList<>();
        Set<String> keep = new HashSet<>(Set.of(StagingRoot.LOCK));
        for (Path file : files()) {
            if (file.getFileName().toString().endsWith(SIDECAR)) {
                try {
                    StagedRecord record = believe(file);
                    believed.add(record);
                    keep.add(record.segment() + SEGMENT);
                    keep.add(record.segment() + SIDECAR);
                } catch (IOException | CheckpointException broken) {
                    LOG.warn("segment of {} is dropped: {}", file, broken.getMessage());
                }
            }
        }
        for (Path file : files()) {
            if (!keep.contains(file.getFileName().toString())) {
                remove(file);
            }
        }
        believed.sort(Comparator.comparing(StagedRecord::run)
                .thenComparing(record -> record.terms().step())
                .thenComparing(StagedRecord::rank));
        Map<StagedRecord, Long> lengths = new LinkedHashMap<>();
        believed.forEach(record -> lengths.put(record, length(record.segment())));
        return lengths;
    }

    private List<Path> files() {
        try (Stream<Path> files = Files.list(root.path())) {
            return files.sorted().toList();
        } catch (IOException failure) {
            throw failed("listed", root.path(), failure);
        }
    }

    private StagedRecord believe(Path file) throws IOException {
        if (!Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS) || Files.size(file) > Sidecar.BYTES_MAX) {
            throw CheckpointException.corrupt("it is no sidecar");
        }
        StagedRecord record = Sidecar.decode(ByteBuffer.wrap(Files.readAllBytes(file)));
        Path segment = path(record.segment());
        if (!file.equals(sidecar(record.segment()))
                || !Files.isRegularFile(segment, LinkOption.NOFOLLOW_LINKS)
                || Files.size(segment) < record.terms().bytes()) {
            throw CheckpointException.corrupt(
                    segment + " is absent or shorter than " + record.terms().bytes() + " bytes");
        }
        return record;
    }

    private long length(SegmentId id) {
        try {
            return Files.size(path(id));
        } catch (IOException failure) {
            throw failed("measured", path(id), failure);
        }
    }

    /** Absolute path of a segment, for the rank that fills or maps it. */
    public Path path(SegmentId id) {
        return root.path().resolve(id + SEGMENT);
    }

    private Path sidecar(SegmentId id) {
        return root.path().resolve(id + SIDECAR);
    }

    /**
     * Makes a segment of zeros. They are written, not left out, so that all memory is there before a rank maps the file.
     *
     * @throws CheckpointException UNAVAILABLE if there is no room; nothing is left then
     */
    public void allocate(SegmentId id, long bytes) {
        Path file = path(id);
        ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.min(bytes, BUFFER_BYTES));
        try (FileChannel channel = FileChannel.open(
                file,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                StagingRoot.PRIVATE_FILE)) {
            for (long left = bytes; left > 0; ) {
                zeros.clear().limit((int) Math.min(left, zeros.capacity()));
                left -= channel.write(zeros);
            }
        } catch (IOException failure) {
            remove(file);
            throw new CheckpointException(
                    FailureKind.UNAVAILABLE,
                    "no segment of " + bytes + " bytes in " + root.path() + ": " + reason(failure)
                            + "; free memory, enlarge the file system, or set staging-dir to another one",
                    failure);
        }
    }

    /**
     * Sums a shard and writes its sidecar. Once it has returned, the shard outlives this process.
     *
     * @param draft what is known of it
     * @return its sum
     * @throws CheckpointException INVALID if it is not the safetensors file that it was said to be; UNAVAILABLE if segment or
     *     sidecar fail
     */
    public Crc32c seal(StagedRecord draft) {
        try (ShardSource source = source(draft.segment(), draft.terms().bytes())) {
            Crc32c sum = sum(draft, source);
            write(draft.withCrc(sum));
            return sum;
        } catch (IOException failure) {
            throw failed("sealed", path(draft.segment()), failure);
        }
    }

    /**
     * Sums a shard, wherever its bytes are.
     *
     * @throws CheckpointException INVALID if it is not the safetensors file that it was said to be; UNAVAILABLE if it cannot be
     *     read
     */
    public static Crc32c sum(StagedRecord draft, ShardSource source) {
        try {
            if (draft.terms().format() == ShardFormat.SAFETENSORS) {
                Safetensors.parse(source);
            }
            return sum(source);
        } catch (CheckpointException broken) {
            throw new CheckpointException(broken.kind(), draft.name() + ": " + broken.getMessage(), broken);
        } catch (IOException failure) {
            throw new CheckpointException(
                    FailureKind.UNAVAILABLE, draft.name() + " cannot be read: " + reason(failure), failure);
        }
    }

    /** The sum of all bytes, read through a small buffer. */
    public static Crc32c sum(ShardSource source) throws IOException {
        CRC32C sum = new CRC32C();
        ByteBuffer buffer = ByteBuffer.allocateDirect((int) Math.min(Math.max(source.length(), 1), BUFFER_BYTES));
        for (long position = 0; position < source.length(); position += buffer.limit()) {
            buffer.clear().limit((int) Math.min(source.length() - position, buffer.capacity()));
            source.read(position, buffer);
            sum.update(buffer.flip());
        }
        return new Crc32c((int) sum.getValue());
    }

    /** No fsync: a sidecar has to outlive the process, and a segment in memory does not outlive the host either. */
    private void write(StagedRecord record) throws IOException {
        Path temporary = root.path().resolve(record.segment() + ".tmp");
        ByteBuffer bytes = Sidecar.encode(record);
        try (FileChannel channel = FileChannel.open(
                temporary,
                Set.of(
                        StandardOpenOption.CREATE,
                        StandardOpenOption.TRUNCATE_EXISTING,
                        StandardOpenOption.WRITE,
                        LinkOption.NOFOLLOW_LINKS),
                StagingRoot.PRIVATE_FILE)) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
        Files.move(temporary, sidecar(record.segment()), StandardCopyOption.ATOMIC_MOVE);
    }

    /** Removes the sidecar; absent is fine. The segment may then be filled again. */
    public void clearRecord(SegmentId id) {
        remove(sidecar(id));
    }

    /** Removes sidecar and segment, in this order; absent is fine. Who has it open or mapped keeps it. */
    public void discard(SegmentId id) {
        remove(sidecar(id));
        remove(path(id));
    }

    /** The first bytes of a segment. */
    public FileSource source(SegmentId id, long bytes) {
        return FileSource.open(path(id), bytes);
    }

    /**
     * A segment to load into.
     *
     * @param from a segment that gets this name, its memory is there already; empty: a file is made
     * @throws CheckpointException UNAVAILABLE if there is no such file, or none can be made
     */
    public FileTarget target(SegmentId id, Optional<SegmentId> from) {
        if (from.isEmpty()) {
            return FileTarget.create(path(id));
        }
        try {
            Files.move(path(from.get()), path(id), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException failure) {
            throw failed("renamed", path(from.get()), failure);
        }
        return FileTarget.into(path(id), 0);
    }

    private void remove(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException failure) {
            throw failed("removed", file, failure);
        }
    }

    private static CheckpointException failed(String what, Path file, IOException failure) {
        return new CheckpointException(
                FailureKind.UNAVAILABLE, file + " cannot be " + what + ": " + reason(failure), failure);
    }

    private static String reason(IOException failure) {
        return failure.getMessage() == null ? failure.toString() : failure.getMessage();
    }

    /** Gives the directory up. What is staged stays there, for the worker's next life. */
    @Override
    public void close() throws IOException {
        root.close();
    }
}
