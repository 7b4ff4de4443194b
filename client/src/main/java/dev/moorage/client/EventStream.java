package dev.moorage.client;

import dev.moorage.protocol.CheckpointException;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/**
 * The answers of one streaming call, taken one by one with a limit on the silence between them. At most a few are in
 * flight: the server is held back while nobody takes. Used by one thread; {@link #close} by any.
 */
final class EventStream<Q, E> implements ClientResponseObserver<Q, E>, AutoCloseable {
    private static final int IN_FLIGHT = 8;

    private sealed interface Arrival<E> {
        record Event<E>(E value) implements Arrival<E> {}

        record End<E>(Optional<StatusRuntimeException> failure) implements Arrival<E> {}
    }

    // Each request for one more follows a take, so the events and the end always find room.
    private final BlockingQueue<Arrival<E>> arrivals = new ArrayBlockingQueue<>(IN_FLIGHT + 2);
    private final Function<StatusRuntimeException, RuntimeException> failures;
    private volatile ClientCallStreamObserver<Q> call;

    EventStream(Function<StatusRuntimeException, RuntimeException> failures) {
        this.failures = failures;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<Q> started) {
        call = started;
        started.disableAutoRequestWithInitial(IN_FLIGHT);
    }

    @Override
    public void onNext(E event) {
        arrivals.add(new Arrival.Event<>(event));
    }

    @Override
    public void onError(Throwable failure) {
        arrivals.add(new Arrival.End<>(Optional.of(
                failure instanceof StatusRuntimeException status
                        ? status
                        : Status.fromThrowable(failure).asRuntimeException())));
    }

    @Override
    public void onCompleted() {
        arrivals.add(new Arrival.End<>(Optional.empty()));
    }

    /**
     * The next event; empty when the server ended the stream in order.
     *
     * @param silence how long to wait
     * @throws CheckpointException what ended the stream, or UNAVAILABLE after the silence
     */
    Optional<E> next(Duration silence) {
        Arrival<E> arrival;
        try {
            arrival = arrivals.poll(silence.toNanos(), TimeUnit.NANOSECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while waiting for an event");
        }
        if (arrival == null) {
            throw failures.apply(Status.DEADLINE_EXCEEDED
                    .withDescription("no event for " + silence.toMillis() + " ms")
                    .asRuntimeException());
        }
        if (arrival instanceof Arrival.Event<E> event) {
            call.request(1);
            return Optional.of(event.value());
        }
        Optional<StatusRuntimeException> failure = ((Arrival.End<E>) arrival).failure();
        if (failure.isPresent()) {
            throw failures.apply(failure.get());
        }
        return Optional.empty();
    }

    /** Tells the server that nobody listens any more. */
    @Override
    public void close() {
        if (call != null) {
            call.cancel("no longer listening", null);
        }
    }
}
