package dev.moorage.coordinator.grpc;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.CheckpointException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.stream.Stream;

/**
 * Where and how the front door serves.
 *
 * @param listen HOST:PORT, port 0 for a free one; IPv6 hosts in brackets
 * @param insecure whether an address other than loopback is allowed without TLS
 * @param askTimeout how long a job's coordinator has to answer
 * @param answerWithin how long the store is read for an answer
 * @param watchPoll how often a watch that takes long looks
 * @param watchEventWithin how often a watch says something at least
 * @param concurrentCallsMax on one connection
 */
public record FrontDoorSettings(
        String listen,
        boolean insecure,
        Duration askTimeout,
        Duration answerWithin,
        Duration watchPoll,
        Duration watchEventWithin,
        int concurrentCallsMax) {
    private static final Duration WATCH_PAUSE_MIN = Duration.ofMillis(50);

    public FrontDoorSettings {
        requireNonNull(listen);
        if (Stream.of(askTimeout, answerWithin, watchPoll, watchEventWithin).anyMatch(time -> time.toMillis() < 1)) {
            throw CheckpointException.invalid(
                    "moorage.coordinator.ask-timeout, answer-within, watch-poll and watch-event-within must be at least 1 ms");
        }
        if (concurrentCallsMax < 1) {
            throw CheckpointException.invalid(
                    "moorage.coordinator.concurrent-calls-max must be positive, was " + concurrentCallsMax);
        }
    }

    /**
     * How long a watch waits until it looks again: a fiftieth of the time that it has been open, so that the end of a short save
     * is not told much later than it was, nor the progress of a long one all the time.
     */
    Duration pauseAfter(Duration watched) {
        Duration pause = watched.dividedBy(50);
        Duration longEnough = pause.compareTo(WATCH_PAUSE_MIN) < 0 ? WATCH_PAUSE_MIN : pause;
        return longEnough.compareTo(watchPoll) < 0 ? longEnough : watchPoll;
    }

    /**
     * The address to listen on.
     *
     * @throws CheckpointException INVALID if it is none, or one that needs {@code insecure}
     */
    InetSocketAddress address() {
        int colon = listen.lastIndexOf(':');
        try {
            String host = listen.substring(0, Math.max(colon, 0)).replaceAll("^\\[|\\]$", "");
            InetSocketAddress address = new InetSocketAddress(host, Integer.parseInt(listen.substring(colon + 1)));
            if (host.isEmpty() || address.isUnresolved()) {
                throw new IllegalArgumentException("the host is not known");
            }
            if (!address.getAddress().isLoopbackAddress() && !insecure) {
                throw CheckpointException.invalid("moorage.coordinator.listen is " + listen
                        + ", which others can reach, and there is no TLS: listen on 127.0.0.1, or say --insecure"
                        + " (moorage.coordinator.insecure = on) on a network that you trust");
            }
            return address;
        } catch (IllegalArgumentException wrong) {
            throw CheckpointException.invalid(
                    "moorage.coordinator.listen must be HOST:PORT, was '" + listen + "': " + wrong.getMessage());
        }
    }
}
