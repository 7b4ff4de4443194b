package dev.moorage.checkpoint;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.record.Finding;
import dev.moorage.storage.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** One verification of one shard: finds all that does not hold. */
record ShardCheck(ObjectStore store, BufferPool buffers, Lanes lanes, ShardPlace place) {
    /** Once so many reads failed the store is taken to be away, and the rest is not asked for. */
    private static final int UNANSWERED_MAX = 3;

    /** As many as a verdict keeps. */
    private static final int FINDINGS_MAX = 1000;

    /** Reads, and throws what it finds. */
    private interface Proof {
        void run() throws IOException;
    }

    List<Finding> check(Optional<ShardDetail> detail, VerifyDepth depth, long seed, Progress progress) {
        if (depth.kind() == VerifyDepth.Kind.NONE) {
            return List.of();
        }
        boolean reads = depth.kind() != VerifyDepth.Kind.ATTEST;
        if (reads && detail.isEmpty()) {
            throw CheckpointException.invalid(place + ": depth " + depth + " needs the shard's chunk table");
        }
        Audit audit = Audit.of("shard at depth " + depth, place, place.stored().rawBytes());
        List<Finding> findings = new ArrayList<>();
        try {
            prove(OptionalInt.empty(), () -> {
                        ObjectStore.Stat stat = ChunkReads.stat(store, place);
                        prove(OptionalInt.empty(), () -> ChunkReads.proveLength(stat, place, detail))
                                .or(() -> prove(OptionalInt.empty(), () -> ChunkReads.proveSum(stat, place)))
                                .ifPresent(findings::add);
                        if (reads) {
                            readChunks(detail.orElseThrow(), depth, seed, progress, findings);
                        }
                    })
                    .ifPresent(findings::add);
        } catch (CheckpointException | CancellationException failure) {
            audit.failed(failure);
            throw failure;
        }
        tell(audit, findings, reads);
        return List.copyOf(findings);
    }

    private void tell(Audit audit, List<Finding> findings, boolean reads) {
        if (findings.isEmpty()) {
            Optional<Crc32c> expected = Optional.of(place.stored().rawCrc());
            audit.good(expected, reads ? expected : Optional.empty());
        } else {
            boolean corrupt = findings.stream().anyMatch(finding -> finding.result() == VerdictResult.CORRUPT);
            audit.bad(
                    corrupt ? VerdictResult.CORRUPT : VerdictResult.INCOMPLETE,
                    findings.get(0).message() + (findings.size() > 1 ? " and " + (findings.size() - 1) + " more" : ""));
        }
    }

    private void readChunks(ShardDetail detail, VerifyDepth depth, long seed, Progress progress, List<Finding> findings)
            throws IOException {
        AtomicInteger unanswered = new AtomicInteger();
        try (ChunkReads chunks = new ChunkReads(store, place, detail, true)) {
            proveTrailer(chunks).ifPresent(findings::add);
            int[] chosen = chosen(chunks.count(), depth, seed);
            ChunkRun.Work<Optional<Finding>> look = (chunk, pair) -> {
                if (unanswered.get() >= UNANSWERED_MAX) {
                    return Optional.empty();
                }
                Optional<Finding> found = prove(OptionalInt.of(chunk), () -> chunks.raw(chunk, pair));
                if (found.isPresent() && found.get().result() == VerdictResult.INCOMPLETE) {
                    unanswered.incrementAndGet();
                }
                return found;
            };
            new ChunkRun(buffers, lanes, chunks.buffersPerChunk())
                    .inOrder(chosen.length, n -> chosen[n], look, (chunk, found) -> {
                        if (found.isPresent() && findings.size() < FINDINGS_MAX) {
                            findings.add(found.get());
                        }
                        progress.bytes(chunks.entry(chunk).rawBytes());
                    });
        }
    }

    private Optional<Finding> proveTrailer(ChunkReads chunks) {
        List<ByteBuffer> buffer = buffers.acquire(1);
        try {
            return prove(OptionalInt.empty(), () -> chunks.proveTrailer(buffer.get(0)));
        } finally {
            buffers.release(buffer);
        }
    }

    /** What a verification reads from the store if nothing is wrong. */
    static long bytesRead(ShardDetail detail, VerifyDepth depth, long seed) {
        if (depth.kind() == VerifyDepth.Kind.NONE || depth.kind() == VerifyDepth.Kind.ATTEST) {
            return 0;
        }
        List<ChunkEntry> chunks = detail.chunks().chunks();
        return detail.chunks().trailerBytes()
                + IntStream.of(chosen(chunks.size(), depth, seed))
                        .mapToLong(chunk -> chunks.get(chunk).storedBytes())
                        .sum();
    }

    /** Ascending; a sample has at least one chunk where there are any. */
    private static int[] chosen(int count, VerifyDepth depth, long seed) {
        if (depth.kind() == VerifyDepth.Kind.FULL) {
            return IntStream.range(0, count).toArray();
        }
        List<Integer> chunks = new ArrayList<>(IntStream.range(0, count).boxed().toList());
        Collections.shuffle(chunks, new Random(seed));
        int wanted = (int) Math.ceil(count * depth.fraction());
        return chunks.subList(0, wanted).stream()
                .mapToInt(Integer::intValue)
                .sorted()
                .toArray();
    }

    private Optional<Finding> prove(OptionalInt chunk, Proof proof) {
        try {
            proof.run();
            return Optional.empty();
        } catch (IOException unanswered) {
            return Optional.of(finding(VerdictResult.INCOMPLETE, chunk, place.unreadable(unanswered)));
        } catch (CheckpointException failure) {
            if (failure.kind() == FailureKind.CORRUPT) {
                return Optional.of(finding(VerdictResult.CORRUPT, chunk, failure));
            }
            if (failure.kind() == FailureKind.UNAVAILABLE) {
                return Optional.of(finding(VerdictResult.INCOMPLETE, chunk, failure));
            }
            throw failure;
        }
    }

    private Finding finding(VerdictResult result, OptionalInt chunk, CheckpointException failure) {
        return new Finding(place.stored().shard(), result, chunk, failure.getMessage());
    }
}
