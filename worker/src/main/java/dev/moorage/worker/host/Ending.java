package dev.moorage.worker.host;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.WorkerId;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** The end of a worker's actor, and what brought it about. Safe for any number of threads. */
public final class Ending {
    private final WorkerId worker;
    private final CompletableFuture<Void> over = new CompletableFuture<>();
    private volatile Throwable bug;

    /** Of a worker that has not ended. */
    public Ending(WorkerId worker) {
        this.worker = requireNonNull(worker);
    }

    /** It ends because of this. */
    void by(Throwable found) {
        bug = found;
    }

    /** It has ended: nobody is answered any more. */
    void complete() {
        over.complete(null);
    }

    boolean isOver() {
        return over.isDone();
    }

    /** Completed, never with a failure, when the actor is gone. */
    public CompletableFuture<Void> over() {
        return over;
    }

    /** The bug that ended it; empty while it lives and after an end that was asked for. */
    public Optional<Throwable> bug() {
        return Optional.ofNullable(bug);
    }

    /** What a rank is told whose call finds no worker. */
    String reason() {
        return bug == null
                ? "worker " + worker + " is shutting down; try again"
                : "worker " + worker + " has ended by an internal error (" + bug + "); what was staged is kept:"
                        + " attach again when it is back";
    }

    /** Waits for it; false if it takes longer. */
    public boolean await(long seconds) {
        try {
            over.get(seconds, TimeUnit.SECONDS);
            return true;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            return false;
        } catch (ExecutionException | TimeoutException late) {
            return false;
        }
    }
}
