package dev.moorage.coordinator.grpc;

import dev.moorage.checkpoint.Catalog;
import dev.moorage.checkpoint.ManifestLog;
import dev.moorage.checkpoint.Selector;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.grpc.StatusMapping;
import dev.moorage.protocol.grpc.WireViews;
import dev.moorage.protocol.v1.CancelReply;
import dev.moorage.protocol.v1.CancelRequest;
import dev.moorage.protocol.v1.CheckpointInfo;
import dev.moorage.protocol.v1.CheckpointsGrpc;
import dev.moorage.protocol.v1.GetRequest;
import dev.moorage.protocol.v1.ListReply;
import dev.moorage.protocol.v1.ListRequest;
import dev.moorage.protocol.v1.ListWorkersReply;
import dev.moorage.protocol.v1.ListWorkersRequest;
import dev.moorage.protocol.v1.RestoreReply;
import dev.moorage.protocol.v1.RestoreRequest;
import dev.moorage.protocol.v1.SaveReply;
import dev.moorage.protocol.v1.SaveRequest;
import dev.moorage.protocol.v1.VerifyReply;
import dev.moorage.protocol.v1.VerifyRequest;
import dev.moorage.protocol.v1.WatchEvent;
import dev.moorage.protocol.v1.WatchRequest;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The public service: checks, asks, answers. No call blocks its thread. */
public final class CheckpointsService extends CheckpointsGrpc.CheckpointsImplBase {
    private static final Logger LOG = LoggerFactory.getLogger(CheckpointsService.class);

    private final JobQuestions questions;
    private final StoreAnswers store;
    private final StoreReads reads;
    private final WorkerList workers;
    private final FrontDoorSettings settings;

    public CheckpointsService(
            JobQuestions questions,
            ManifestLog manifests,
            Catalog catalog,
            StoreReads reads,
            FrontDoorSettings settings) {
        this.questions = questions;
        this.store = new StoreAnswers(manifests, catalog);
        this.reads = reads;
        this.workers = new WorkerList(questions.system());
        this.settings = settings;
    }

    @Override
    public void save(SaveRequest request, StreamObserver<SaveReply> caller) {
        answer(caller, () -> {
            CheckpointId id = Requests.checkpoint(request.getJob(), request.getStep());
            var codec = Requests.codec(request);
            var depth = Requests.depth(request);
            var metadata = Requests.metadata(request);
            return questions
                    .ask(
                            id.job(),
                            Answer.SaveView.class,
                            replyTo ->
                                    new ToCoordinator.SaveAsked(id.job(), id.step(), codec, depth, metadata, replyTo))
                    .thenApply(view -> SaveReply.newBuilder()
                            .setSave(WireViews.toProto(view))
                            .build());
        });
    }

    @Override
    public void cancel(CancelRequest request, StreamObserver<CancelReply> caller) {
        answer(caller, () -> {
            CheckpointId id = Requests.checkpoint(request.getJob(), request.getStep());
            return questions
                    .ask(
                            id.job(),
                            Answer.SaveView.class,
                            replyTo -> new ToCoordinator.CancelAsked(id.job(), id.step(), replyTo))
                    .thenApply(view -> CancelReply.newBuilder()
                            .setSave(WireViews.toProto(view))
                            .build());
        });
    }

    @Override
    public void verify(VerifyRequest request, StreamObserver<VerifyReply> caller) {
        answer(caller, () -> {
            CheckpointId id = Requests.checkpoint(request.getJob(), request.getStep());
            var requestId = Requests.requestId(request.getRequestId());
            var depth = Requests.depth(request);
            var ranks = Requests.ranks(request);
            return questions
                    .ask(
                            id.job(),
                            Answer.VerificationView.class,
                            replyTo -> new ToCoordinator.VerifyAsked(
                                    id.job(), id.step(), requestId, depth, ranks, replyTo))
                    .thenApply(view -> VerifyReply.newBuilder()
                            .setVerification(WireViews.toProto(view))
                            .build());
        });
    }

    @Override
    public void watch(WatchRequest request, StreamObserver<WatchEvent> caller) {
        ServerCallStreamObserver<WatchEvent> stream = (ServerCallStreamObserver<WatchEvent>) caller;
        // Set before anything is sent: a caller that goes away then ends the watch instead of failing it.
        stream.setOnCancelHandler(() -> LOG.debug("a caller left its watch of job {}", request.getJob()));
        try {
            new WatchStream(WatchTarget.of(request), questions, settings, stream).look();
        } catch (CheckpointException refused) {
            stream.onError(StatusMapping.toStatus(refused));
        }
    }

    @Override
    public void restore(RestoreRequest request, StreamObserver<RestoreReply> caller) {
        answer(caller, () -> {
            JobName job = Requests.job(request.getJob());
            Selector selector = Selector.parse(request.getSelector());
            return reads.call(stillWanted -> store.select(job, selector, stillWanted));
        });
    }

    @Override
    public void get(GetRequest request, StreamObserver<CheckpointInfo> caller) {
        answer(caller, () -> {
            CheckpointId id = Requests.checkpoint(request.getJob(), request.getStep());
            return reads.call(stillWanted -> store.get(id, request.getShards(), stillWanted));
        });
    }

    @Override
    public void list(ListRequest request, StreamObserver<ListReply> caller) {
        answer(caller, () -> {
            int pageSize = Requests.pageSize(request.getPageSize());
            if (request.getJob().isEmpty()) {
                return reads.call(stillWanted -> store.jobs(pageSize, request.getPageToken()));
            }
            JobName job = Requests.job(request.getJob());
            var below = Requests.pageToken(request.getPageToken());
            return reads.call(stillWanted -> store.checkpoints(job, pageSize, below, stillWanted));
        });
    }

    @Override
    public void listWorkers(ListWorkersRequest request, StreamObserver<ListWorkersReply> caller) {
        answer(caller, workers::all);
    }

    /** Runs the one way from a request to its answer; a failure of any step becomes the call's status. */
    private static <T> void answer(StreamObserver<T> caller, Supplier<CompletionStage<T>> work) {
        CompletionStage<T> reply;
        try {
            reply = work.get();
        } catch (RuntimeException refused) {
            caller.onError(StatusMapping.toStatus(logged(refused)));
            return;
        }
        reply.whenComplete((value, failure) -> {
            if (failure == null) {
                caller.onNext(value);
                caller.onCompleted();
            } else {
                caller.onError(StatusMapping.toStatus(logged(JobQuestions.unwrapped(failure))));
            }
        });
    }

    private static Throwable logged(Throwable failure) {
        if (!(failure instanceof CheckpointException)) {
            LOG.error("a bug while answering a call", failure);
        }
        return failure;
    }
}
