package dev.moorage.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.moorage.coordinator.core.Timings;
import dev.moorage.coordinator.grpc.FrontDoorSettings;
import dev.moorage.protocol.CheckpointException;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class CoordinatorSettingsTest {
    @Test
    void the_shipped_defaults() {
        assertThat(CoordinatorSettings.from(ConfigFactory.load()))
                .isEqualTo(new CoordinatorSettings(
                        Timings.DEFAULT,
                        Duration.ofMillis(250),
                        Duration.ofSeconds(30),
                        new FrontDoorSettings(
                                "127.0.0.1:0",
                                false,
                                Duration.ofSeconds(5),
                                Duration.ofSeconds(20),
                                Duration.ofMillis(500),
                                Duration.ofSeconds(10),
                                100)));
    }

    @Test
    void the_time_scale_shortens_every_wait() {
        CoordinatorSettings settings = CoordinatorSettings.from(
                ConfigFactory.parseString("moorage.time-scale = 0.1").withFallback(ConfigFactory.load()));

        assertThat(settings.timings().lostMillis()).isEqualTo(1_500);
        assertThat(settings.tick()).isEqualTo(Duration.ofMillis(25));
    }

    @Test
    void what_cannot_be_is_refused() {
        assertThatThrownBy(() ->
                        CoordinatorSettings.from(ConfigFactory.parseString("moorage.coordinator.save-retries = -1")
                                .withFallback(ConfigFactory.load())))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("save-retries");
    }
}
