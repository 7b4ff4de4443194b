package dev.moorage.client;

import dev.moorage.protocol.CheckpointException;
import java.time.Duration;

/**
 * The client's patience.
 *
 * @param callDeadline of one call to one endpoint
 * @param silence after which a stream of events counts as broken; servers send one at least every 10 s
 * @param backOffMin wait before a broken stream is asked for again; doubles each time without an event
 * @param backOffMax longest such wait
 */
public record ClientSettings(Duration callDeadline, Duration silence, Duration backOffMin, Duration backOffMax) {
    public static final ClientSettings DEFAULT = new ClientSettings(
            Duration.ofSeconds(30), Duration.ofSeconds(30), Duration.ofMillis(200), Duration.ofSeconds(5));

    public ClientSettings {
        positive("call deadline", callDeadline);
        positive("silence", silence);
        positive("back-off", backOffMin);
        if (backOffMax.compareTo(backOffMin) < 0) {
            throw CheckpointException.invalid(
                    "longest back-off " + backOffMax + " is below the shortest " + backOffMin);
        }
    }

    /** The same with another deadline of a call. */
    public ClientSettings withCallDeadline(Duration deadline) {
        return new ClientSettings(deadline, silence, backOffMin, backOffMax);
    }

    private static void positive(String what, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw CheckpointException.invalid(what + " must be positive, was " + value);
        }
    }
}
