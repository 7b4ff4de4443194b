package dev.moorage.coordinator.grpc;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.grpc.WireViews;
import dev.moorage.protocol.v1.WatchEvent;
import dev.moorage.protocol.v1.WatchRequest;
import java.util.concurrent.CompletionStage;

/** What a watch looks at: asks once, and says in the API's words how it stands. */
interface WatchTarget {
    /** How it stands now. */
    CompletionStage<WatchEvent> look(JobQuestions questions);

    /** The target of a request; INVALID if it names none. */
    static WatchTarget of(WatchRequest request) {
        JobName job = Requests.job(request.getJob());
        return switch (request.getTargetCase()) {
            case STEP -> save(job, Requests.step(request.getStep()));
            case VERIFICATION ->
                verification(
                        job,
                        Requests.step(request.getVerification().getStep()),
                        Requests.requestId(request.getVerification().getRequestId()));
            case LOAD ->
                load(
                        job,
                        new RunNumber(request.getLoad().getRun()),
                        request.getLoad().getOrdinal());
            case TARGET_NOT_SET -> throw CheckpointException.invalid("a watch needs a step, a verification or a load");
        };
    }

    private static WatchTarget save(JobName job, Step step) {
        return questions -> questions
                .ask(job, Answer.SaveView.class, replyTo -> new ToCoordinator.SaveViewAsked(job, step, replyTo))
                .thenApply(view -> WatchEvent.newBuilder()
                        .setSave(WireViews.toProto(view))
                        .setLast(view.state().isClosed()
                                && view.verification()
                                        .filter(Answer.VerificationView::running)
                                        .isEmpty())
                        .build());
    }

    private static WatchTarget verification(JobName job, Step step, String requestId) {
        return questions -> questions
                .ask(
                        job,
                        Answer.VerificationView.class,
                        replyTo -> new ToCoordinator.VerificationViewAsked(job, step, requestId, replyTo))
                .thenApply(view -> WatchEvent.newBuilder()
                        .setVerification(WireViews.toProto(view))
                        .setLast(!view.running())
                        .build());
    }

    private static WatchTarget load(JobName job, RunNumber run, long ordinal) {
        if (ordinal < 0) {
            throw CheckpointException.invalid("the ordinal of a load must be 0 or more");
        }
        return questions -> questions
                .ask(job, Answer.LoadView.class, replyTo -> new ToCoordinator.LoadViewAsked(job, run, ordinal, replyTo))
                .thenApply(view -> WatchEvent.newBuilder()
                        .setLoad(WireViews.toProto(view))
                        .setLast(view.decided() || view.failure().isPresent())
                        .build());
    }
}
