package dev.moorage.coordinator.grpc;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.grpc.StatusMapping;
import dev.moorage.protocol.v1.WatchEvent;
import io.grpc.stub.ServerCallStreamObserver;
import java.time.Duration;
import java.util.Optional;

/**
 * One watch: looks again and again, says what has changed, and says something every so often even if nothing has. It
 * outlives the coordinator that it asks: a job that moves to another node is asked there.
 *
 * <p>One look at a time, so its fields are used by one thread after the other.
 */
final class WatchStream {
    private final WatchTarget target;
    private final JobQuestions questions;
    private final FrontDoorSettings settings;
    private final ServerCallStreamObserver<WatchEvent> caller;
    private final long openedNanos = System.nanoTime();
    private Optional<WatchEvent> last = Optional.empty();
    private long saidNanos = System.nanoTime();
    private long heardNanos = System.nanoTime();

    WatchStream(
            WatchTarget target,
            JobQuestions questions,
            FrontDoorSettings settings,
            ServerCallStreamObserver<WatchEvent> caller) {
        this.target = target;
        this.questions = questions;
        this.settings = settings;
        this.caller = caller;
    }

    void look() {
        if (!caller.isCancelled()) {
            target.look(questions).whenComplete((event, failure) -> {
                if (caller.isCancelled()) {
                    return;
                }
                if (failure == null) {
                    onEvent(event);
                } else {
                    onFailure(JobQuestions.unwrapped(failure));
                }
            });
        }
    }

    private synchronized void onEvent(WatchEvent event) {
        heardNanos = System.nanoTime();
        boolean news = last.filter(event::equals).isEmpty();
        if (news || isSilentFor(settings.watchEventWithin().dividedBy(2))) {
            say(event);
        }
        if (event.getLast()) {
            caller.onCompleted();
        } else {
            again();
        }
    }

    /** A coordinator that does not answer, or does not know yet what it is asked for, may be on its way to another node. */
    private synchronized void onFailure(Throwable failure) {
        boolean silent = JobQuestions.isSilence(failure);
        boolean unknown = failure instanceof CheckpointException known && known.kind() == FailureKind.NOT_FOUND;
        Duration patience = settings.askTimeout().multipliedBy(silent ? 12 : 4);
        boolean patient = System.nanoTime() - heardNanos < patience.toNanos();
        if ((silent || unknown) && last.isPresent() && patient) {
            if (isSilentFor(settings.watchEventWithin().dividedBy(2))) {
                say(last.get());
            }
            again();
        } else {
            caller.onError(StatusMapping.toStatus(failure));
        }
    }

    private boolean isSilentFor(Duration time) {
        return System.nanoTime() - saidNanos >= time.toNanos();
    }

    private void say(WatchEvent event) {
        last = Optional.of(event);
        saidNanos = System.nanoTime();
        // A caller that does not read misses states in between, never the last one.
        if (caller.isReady() || event.getLast()) {
            caller.onNext(event);
        }
    }

    private void again() {
        Duration pause = settings.pauseAfter(Duration.ofNanos(System.nanoTime() - openedNanos));
        questions
                .system()
                .scheduler()
                .scheduleOnce(pause, this::look, questions.system().executionContext());
    }
}
