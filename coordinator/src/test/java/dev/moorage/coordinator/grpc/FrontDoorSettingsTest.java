package dev.moorage.coordinator.grpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import java.time.Duration;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class FrontDoorSettingsTest {
    private static FrontDoorSettings settings(String listen, boolean insecure) {
        Duration second = Duration.ofSeconds(1);
        return new FrontDoorSettings(listen, insecure, second, second, second, second, 100);
    }

    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:0", "localhost:7000", "[::1]:7000"})
    void loopback_needs_nothing(String listen) {
        assertThat(settings(listen, false).address().getAddress().isLoopbackAddress())
                .isTrue();
    }

    @Test
    void another_address_needs_to_be_allowed_by_name() {
        assertThatThrownBy(() -> settings("0.0.0.0:7000", false).address())
                .isInstanceOfSatisfying(
                        CheckpointException.class,
                        refused -> assertThat(refused.kind()).isEqualTo(FailureKind.INVALID))
                .hasMessageContaining("--insecure");
        assertThat(settings("0.0.0.0:7000", true).address().getPort()).isEqualTo(7000);
    }

    @Test
    void a_young_watch_looks_often_and_an_old_one_as_often_as_is_set() {
        FrontDoorSettings settings = settings("localhost:0", false);
        assertThat(settings.pauseAfter(Duration.ZERO)).isEqualTo(Duration.ofMillis(50));
        assertThat(settings.pauseAfter(Duration.ofSeconds(5))).isEqualTo(Duration.ofMillis(100));
        assertThat(settings.pauseAfter(Duration.ofMinutes(10))).isEqualTo(Duration.ofSeconds(1));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "127.0.0.1", ":7000", "127.0.0.1:port", "127.0.0.1:70000"})
    void what_is_no_address_is_refused(String listen) {
        assertThatThrownBy(() -> settings(listen, true).address()).hasMessageContaining("HOST:PORT");
    }
}
