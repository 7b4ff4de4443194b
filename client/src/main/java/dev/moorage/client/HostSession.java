package dev.moorage.client;

import dev.moorage.checkpoint.Progress;
import dev.moorage.checkpoint.ShardSource;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.v1.AttachFrame;
import dev.moorage.protocol.v1.AttachReply;
import dev.moorage.protocol.v1.LeaseReply;
import dev.moorage.protocol.v1.LeaseRequest;
import dev.moorage.protocol.v1.LoadEvent;
import dev.moorage.protocol.v1.LoadRequest;
import dev.moorage.protocol.v1.ReleaseRequest;
import dev.moorage.protocol.v1.StageRequest;
import dev.moorage.protocol.v1.StatusReply;
import dev.moorage.protocol.v1.StatusRequest;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * A rank that is attached to its host's worker. Its end, also the end of the process, revokes the segment that was being
 * filled; what was staged stays. Safe for any number of threads; a segment is filled by one.
 */
public final class HostSession implements AutoCloseable {
    private static final int COPY_BYTES = 4 << 20;
    private static final Duration LOAD_SILENCE = Duration.ofMinutes(5);

    private final HostClient host;
    private final Attachment who;
    private final AttachReply attached;
    private final StreamObserver<AttachFrame> frames;

    private HostSession(HostClient host, Attachment who, AttachReply attached, StreamObserver<AttachFrame> frames) {
        this.host = host;
        this.who = who;
        this.attached = attached;
        this.frames = frames;
    }

    static HostSession attach(HostClient host, Attachment who) {
        EventStream<AttachFrame, AttachReply> replies = new EventStream<>(host::failure);
        StreamObserver<AttachFrame> frames = host.streams().attach(replies);
        frames.onNext(HostWords.frame(who));
        try {
            AttachReply reply = replies.next(host.callDeadline())
                    .orElseThrow(() -> CheckpointException.unavailable("the worker at " + host.socket()
                            + " ended the attachment of " + who.job() + " rank " + who.rank() + "; try again"));
            return new HostSession(host, who, reply, frames);
        } catch (RuntimeException failure) {
            replies.close();
            throw failure;
        }
    }

    /** The number of the run that this rank is in. */
    public RunNumber run() {
        return new RunNumber(attached.getRun());
    }

    /** The worker that holds what this rank stages. */
    public WorkerId worker() {
        return new WorkerId(attached.getWorker());
    }

    /** Who is attached. */
    public Attachment who() {
        return who;
    }

    /**
     * Memory to fill.
     *
     * @param bytes at least so many
     * @throws CheckpointException UNAVAILABLE when the worker's budget or memory is used up
     */
    public Segment lease(ShardKind kind, long bytes) {
        LeaseReply reply = host.call(stub -> stub.lease(LeaseRequest.newBuilder()
                .setAttachment(attached.getAttachment())
                .setKind(HostWords.kind(kind))
                .setBytes(bytes)
                .build()));
        return new Segment(reply.getSegment(), Path.of(reply.getPath()), reply.getBytes());
    }

    /** Copies a shard into the segment, from its first byte. */
    public void fill(Segment segment, ShardSource shard, Progress progress) {
        ByteBuffer buffer = ByteBuffer.allocateDirect((int) Math.min(COPY_BYTES, Math.max(1, shard.length())));
        try (FileChannel file = FileChannel.open(segment.file(), StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS)) {
            if (file.size() < shard.length()) {
                throw CheckpointException.unavailable("segment " + segment.file() + " has " + file.size()
                        + " bytes, the shard of rank " + who.rank() + " has " + shard.length());
            }
            for (long at = 0; at < shard.length(); ) {
                buffer.clear().limit((int) Math.min(buffer.capacity(), shard.length() - at));
                shard.read(at, buffer);
                buffer.flip();
                int count = buffer.remaining();
                for (long to = at; buffer.hasRemaining(); ) {
                    to += file.write(buffer, to);
                }
                at += count;
                progress.bytes(count);
            }
        } catch (IOException failure) {
            throw new CheckpointException(
                    FailureKind.UNAVAILABLE,
                    "cannot copy the shard of " + who.job() + " rank " + who.rank() + " into " + segment.file() + ": "
                            + failure.getMessage(),
                    failure);
        }
    }

    /**
     * Declares that the segment holds a shard of a step. Returns when its sum and a record of it are safe on this host.
     *
     * @param bytes of the shard, from the segment's first byte
     * @param metadata the user's own; only rank 0's counts
     * @return the sum of the shard's bytes as the worker computed it
     */
    public Crc32c stage(
            Segment segment, long bytes, Step step, ShardKind kind, ShardFormat format, Map<String, String> metadata) {
        StageRequest request = StageRequest.newBuilder()
                .setAttachment(attached.getAttachment())
                .setSegment(segment.name())
                .setBytes(bytes)
                .setStep(step.value())
                .setKind(HostWords.kind(kind))
                .setFormat(HostWords.format(format))
                .putAllMetadata(metadata)
                .build();
        return new Crc32c(host.call(stub -> stub.stage(request)).getCrc32C());
    }

    /** How the save of a step stands, as the worker knows it. */
    public StatusReply status(Step step) {
        return host.call(stub -> stub.status(StatusRequest.newBuilder()
                .setAttachment(attached.getAttachment())
                .setStep(step.value())
                .build()));
    }

    /**
     * Gets the state of this rank back, verified.
     *
     * @param selector {@code latest}, {@code latest-verified} or a step
     * @param ordinal number of the job-wide load within the run, from 0
     * @param local this rank alone, without the others; the selector is then a step
     */
    public LoadedState load(String selector, long ordinal, boolean local, Progress progress) {
        LoadRequest request = LoadRequest.newBuilder()
                .setAttachment(attached.getAttachment())
                .setSelector(selector)
                .setOrdinal(ordinal)
                .setLocal(local)
                .build();
        try (EventStream<LoadRequest, LoadEvent> events = new EventStream<>(host::failure)) {
            host.streams().load(request, events);
            long done = 0;
            for (Optional<LoadEvent> event = events.next(LOAD_SILENCE);
                    event.isPresent();
                    event = events.next(LOAD_SILENCE)) {
                if (event.get().hasLoaded()) {
                    return HostWords.loaded(event.get().getLoaded());
                }
                progress.bytes(Math.max(0, event.get().getProgress().getBytesDone() - done));
                done = event.get().getProgress().getBytesDone();
            }
        }
        throw CheckpointException.unavailable(
                "the worker at " + host.socket() + " ended the load of rank " + who.rank() + " early; try again");
    }

    /**
     * Gives back a segment: one that was leased and not staged, or one that was loaded. Nothing may touch its memory from now on,
     * mapped or not: the next lease or load of the rank may fill it again.
     */
    public void release(Segment segment) {
        host.call(stub -> stub.release(ReleaseRequest.newBuilder()
                .setAttachment(attached.getAttachment())
                .setSegment(segment.name())
                .build()));
    }

    /** Leaves the worker. What was staged is still saved. */
    @Override
    public void close() {
        frames.onCompleted();
    }
}
