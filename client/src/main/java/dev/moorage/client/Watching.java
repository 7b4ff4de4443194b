package dev.moorage.client;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.v1.WatchEvent;
import dev.moorage.protocol.v1.WatchRequest;
import java.time.Duration;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Follows something to its last event: a broken stream is asked for again, at the next door. For one thread. */
final class Watching {
    private final Doors doors;
    private final ClientSettings settings;
    private final Duration deadline;
    private final BackOff backOff;

    Watching(Doors doors, ClientSettings settings, Duration deadline) {
        this.doors = doors;
        this.settings = settings;
        this.deadline = deadline;
        this.backOff = new BackOff(settings, deadline);
    }

    /** The event that is marked as the last one. */
    WatchEvent untilLast(WatchRequest request, Consumer<WatchEvent> listener) {
        return retrying(() -> oneStream(request, listener));
    }

    /** The next event, whichever it is. */
    WatchEvent first(WatchRequest request) {
        return retrying(() -> {
            try (EventStream<WatchRequest, WatchEvent> events = doors.watch(request)) {
                return next(events);
            }
        });
    }

    /** What {@code work} answers, tried again as long as it is UNAVAILABLE and the deadline lasts. */
    <A> A retrying(Supplier<A> work) {
        while (true) {
            try {
                return work.get();
            } catch (CheckpointException failure) {
                if (failure.kind() != FailureKind.UNAVAILABLE) {
                    throw failure;
                }
                doors.turnToNext();
                pause(failure);
            }
        }
    }

    /** Waits before the next try; after the deadline it says what was waited for. */
    void pause(CheckpointException failure) {
        try {
            backOff.pause(failure);
        } catch (CheckpointException outOfTime) {
            throw new CheckpointException(
                    FailureKind.UNAVAILABLE,
                    "no end within " + deadline.toSeconds() + " s; the cluster goes on, ask again later. Last: "
                            + outOfTime.getMessage(),
                    outOfTime);
        }
    }

    private WatchEvent oneStream(WatchRequest request, Consumer<WatchEvent> listener) {
        try (EventStream<WatchRequest, WatchEvent> events = doors.watch(request)) {
            while (true) {
                WatchEvent event = next(events);
                backOff.reset();
                listener.accept(event);
                if (event.getLast()) {
                    return event;
                }
            }
        }
    }

    private WatchEvent next(EventStream<WatchRequest, WatchEvent> events) {
        return events.next(shorter(settings.silence(), backOff.left()))
                .orElseThrow(() -> CheckpointException.unavailable("the stream of events ended before the last one"));
    }

    private static Duration shorter(Duration a, Duration b) {
        return a.compareTo(b) < 0 ? a : b;
    }
}
