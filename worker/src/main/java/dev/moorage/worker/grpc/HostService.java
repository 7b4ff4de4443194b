package dev.moorage.worker.grpc;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.grpc.StatusMapping;
import dev.moorage.protocol.grpc.WireEnums;
import dev.moorage.protocol.grpc.WireViews;
import dev.moorage.protocol.v1.AttachFrame;
import dev.moorage.protocol.v1.AttachReply;
import dev.moorage.protocol.v1.DescribeRequest;
import dev.moorage.protocol.v1.HostGrpc;
import dev.moorage.protocol.v1.LeaseReply;
import dev.moorage.protocol.v1.LeaseRequest;
import dev.moorage.protocol.v1.LoadEvent;
import dev.moorage.protocol.v1.LoadProgress;
import dev.moorage.protocol.v1.LoadRequest;
import dev.moorage.protocol.v1.ReleaseReply;
import dev.moorage.protocol.v1.ReleaseRequest;
import dev.moorage.protocol.v1.StageReply;
import dev.moorage.protocol.v1.StageRequest;
import dev.moorage.protocol.v1.StatusReply;
import dev.moorage.protocol.v1.StatusRequest;
import dev.moorage.protocol.v1.WorkerInfo;
import dev.moorage.worker.core.SegmentId;
import dev.moorage.worker.core.StepStatus;
import dev.moorage.worker.host.Loaded;
import dev.moorage.worker.host.LocalHost;
import dev.moorage.worker.host.RankSession;
import dev.moorage.worker.host.Segment;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** The calls of ranks, each one a call of {@link RankSession}. */
final class HostService extends HostGrpc.HostImplBase {
    private final LocalHost host;
    private final Map<String, RankSession> sessions = new ConcurrentHashMap<>();

    HostService(LocalHost host) {
        this.host = host;
    }

    @Override
    public void describe(DescribeRequest request, StreamObserver<WorkerInfo> reply) {
        answer(reply, () -> WireViews.toProto(host.describe()));
    }

    @Override
    public StreamObserver<AttachFrame> attach(StreamObserver<AttachReply> reply) {
        return new Attaching(reply);
    }

    /** An attach stream. Its end is the end of the attachment. */
    private final class Attaching implements StreamObserver<AttachFrame> {
        private final StreamObserver<AttachReply> reply;
        private RankSession session;
        private boolean begun;

        private Attaching(StreamObserver<AttachReply> reply) {
            this.reply = reply;
        }

        @Override
        public void onNext(AttachFrame frame) {
            if (begun) {
                // Later frames are kept for what is to come; a daemon that does not know them yet lets them pass.
                return;
            }
            begun = true;
            try {
                session = host.attach(Frames.attachment(frame));
                sessions.put(session.id().value(), session);
                reply.onNext(AttachReply.newBuilder()
                        .setAttachment(session.id().value())
                        .setRun(session.run().value())
                        .setWorker(session.worker().value())
                        .build());
            } catch (RuntimeException failure) {
                end();
                reply.onError(StatusMapping.toStatus(failure));
            }
        }

        @Override
        public void onError(Throwable gone) {
            end();
        }

        @Override
        public void onCompleted() {
            end();
            reply.onCompleted();
        }

        private void end() {
            if (session != null) {
                sessions.remove(session.id().value());
                session.close();
            }
        }
    }

    @Override
    public void lease(LeaseRequest request, StreamObserver<LeaseReply> reply) {
        AtomicReference<RankSession> session = new AtomicReference<>();
        answer(
                reply,
                () -> {
                    session.set(session(request.getAttachment()));
                    Segment segment = session.get()
                            .lease(
                                    Frames.kind(request.getKind()),
                                    Frames.bytes(request.getBytes()),
                                    Frames.step(request));
                    return LeaseReply.newBuilder()
                            .setSegment(segment.id().value())
                            .setPath(segment.path().toString())
                            .setBytes(segment.bytes())
                            .build();
                },
                // Not looked up again: the attachment may have ended with the caller.
                unwanted -> session.get().giveBack(new SegmentId(unwanted.getSegment())));
    }

    @Override
    public void stage(StageRequest request, StreamObserver<StageReply> reply) {
        answer(reply, () -> {
            Crc32c sum =
                    session(request.getAttachment()).stage(new SegmentId(request.getSegment()), Frames.terms(request));
            return StageReply.newBuilder().setCrc32C(sum.value()).build();
        });
    }

    @Override
    public void status(StatusRequest request, StreamObserver<StatusReply> reply) {
        answer(reply, () -> {
            StepStatus status = session(request.getAttachment()).status(Frames.step(request.getStep()));
            return StatusReply.newBuilder()
                    .setState(WireEnums.toProto(status.state()))
                    .setAttempt(status.attempt())
                    .setReason(status.reason())
                    .build();
        });
    }

    @Override
    public void load(LoadRequest request, StreamObserver<LoadEvent> reply) {
        LoadStream events = new LoadStream(reply);
        try {
            RankSession session = session(request.getAttachment());
            Loaded loaded =
                    session.load(request.getSelector(), request.getOrdinal(), request.getLocal(), events::moved);
            if (!events.end(
                    LoadEvent.newBuilder().setLoaded(Frames.loaded(loaded)).build())) {
                session.giveBack(loaded);
            }
        } catch (RuntimeException failure) {
            events.fail(failure);
        }
    }

    /** Events come from the worker's thread, the end from the caller's; a stream takes one at a time. */
    private static final class LoadStream {
        private final StreamObserver<LoadEvent> reply;
        private boolean ended;

        private LoadStream(StreamObserver<LoadEvent> reply) {
            this.reply = reply;
        }

        private synchronized void moved(long done, long total) {
            if (!ended) {
                try {
                    reply.onNext(LoadEvent.newBuilder()
                            .setProgress(
                                    LoadProgress.newBuilder().setBytesDone(done).setBytesTotal(total))
                            .build());
                } catch (RuntimeException cancelled) {
                    // The rank has hung up; the end of its attachment stops the load.
                    ended = true;
                }
            }
        }

        /** False if nobody hears it. */
        private synchronized boolean end(LoadEvent last) {
            boolean heard = !ended && deliver(reply, last);
            ended = true;
            return heard;
        }

        private synchronized void fail(RuntimeException failure) {
            ended = true;
            reply.onError(StatusMapping.toStatus(failure));
        }
    }

    @Override
    public void release(ReleaseRequest request, StreamObserver<ReleaseReply> reply) {
        answer(reply, () -> {
            session(request.getAttachment()).release(new SegmentId(request.getSegment()));
            return ReleaseReply.getDefaultInstance();
        });
    }

    private RankSession session(String attachment) {
        RankSession session = sessions.get(attachment);
        if (session == null) {
            throw CheckpointException.invalid(
                    "no such attachment; it ends with its Attach stream or the worker: attach the rank again");
        }
        return session;
    }

    private static <T> void answer(StreamObserver<T> reply, Supplier<T> call) {
        answer(reply, call, unwanted -> {});
    }

    /** @param giveBack takes the answer when the caller has hung up */
    private static <T> void answer(StreamObserver<T> reply, Supplier<T> call, Consumer<T> giveBack) {
        T answer;
        try {
            answer = call.get();
        } catch (RuntimeException failure) {
            reply.onError(StatusMapping.toStatus(failure));
            return;
        }
        if (!deliver(reply, answer)) {
            giveBack.accept(answer);
        }
    }

    /** The last message of a call; false if its caller has hung up. */
    private static <T> boolean deliver(StreamObserver<T> reply, T last) {
        if (reply instanceof ServerCallStreamObserver<T> call && call.isCancelled()) {
            return false;
        }
        try {
            reply.onNext(last);
            reply.onCompleted();
            return true;
        } catch (RuntimeException cancelled) {
            return false;
        }
    }
}
