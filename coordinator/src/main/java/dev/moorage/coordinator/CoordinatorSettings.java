package dev.moorage.coordinator;

import static java.util.Objects.requireNonNull;

import com.typesafe.config.Config;
import dev.moorage.coordinator.core.Timings;
import dev.moorage.coordinator.grpc.FrontDoorSettings;
import dev.moorage.protocol.CheckpointException;
import java.time.Duration;

/**
 * Every setting of a coordinator node, checked; {@code reference.conf} explains each.
 *
 * @param timings multiplied by the time scale already
 * @param tick how often deadlines are looked at
 * @param storeDeadline of each write, until it is in doubt
 */
public record CoordinatorSettings(Timings timings, Duration tick, Duration storeDeadline, FrontDoorSettings frontDoor) {
    public CoordinatorSettings {
        requireNonNull(timings);
        requireNonNull(frontDoor);
        if (tick.toMillis() < 1 || storeDeadline.toMillis() < 1) {
            throw CheckpointException.invalid("moorage.coordinator.tick and store-deadline must be at least 1 ms, were "
                    + tick + " and " + storeDeadline);
        }
    }

    /**
     * Reads {@code moorage.coordinator} and {@code moorage.time-scale}.
     *
     * @throws CheckpointException INVALID for values that cannot be
     */
    public static CoordinatorSettings from(Config root) {
        Config config = root.getConfig("moorage.coordinator");
        double scale = root.getDouble("moorage.time-scale");
        if (!(scale > 0)) {
            throw CheckpointException.invalid("moorage.time-scale must be above 0, was " + scale);
        }
        Timings timings = new Timings(
                config.getDuration("worker-lost-after").toMillis(),
                config.getDuration("worker-return-within").toMillis(),
                config.getDuration("ranks-within").toMillis(),
                config.getDuration("part-stuck-after").toMillis(),
                config.getDuration("save-within").toMillis(),
                config.getDuration("store-retry-after").toMillis(),
                config.getDuration("rest-after").toMillis(),
                config.getInt("save-retries"));
        return new CoordinatorSettings(
                timings.scaled(scale),
                Duration.ofMillis(
                        Math.max(10, Math.round(config.getDuration("tick").toMillis() * scale))),
                config.getDuration("store-deadline"),
                new FrontDoorSettings(
                        config.getString("listen"),
                        config.getBoolean("insecure"),
                        config.getDuration("ask-timeout"),
                        config.getDuration("answer-within"),
                        config.getDuration("watch-poll"),
                        config.getDuration("watch-event-within"),
                        config.getInt("concurrent-calls-max")));
    }
}
