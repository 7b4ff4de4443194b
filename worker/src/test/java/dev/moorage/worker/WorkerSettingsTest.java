package dev.moorage.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.WorkerId;
import dev.moorage.storage.Bandwidth;
import dev.moorage.worker.core.WorkerRules;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class WorkerSettingsTest {
    private static WorkerSettings with(String settings) {
        Config config = ConfigFactory.parseString(settings).withFallback(ConfigFactory.load());
        return WorkerSettings.from(config.resolve());
    }

    @Test
    void the_shipped_defaults() {
        WorkerSettings settings = with("moorage.worker { name = w1, lanes = 3 }, moorage.time-scale = 1");
        assertThat(settings)
                .isEqualTo(new WorkerSettings(
                        new WorkerId("w1"),
                        settings.host(),
                        Path.of("/dev/shm/moorage"),
                        OptionalLong.empty(),
                        WorkerRules.WhenFull.WAIT,
                        WorkerRules.Times.DEFAULT,
                        3,
                        96L << 20,
                        Bandwidth.UNLIMITED,
                        true));
    }

    @Test
    void without_a_name_the_host_gives_one() {
        assertThat(with("").name().value()).isNotEmpty();
    }

    @Test
    void all_keys_are_read_and_times_are_scaled() {
        WorkerSettings settings = with("""
                moorage.time-scale = 0.1
                moorage.worker {
                  name = a, staging-dir = /x, staging-bytes-max = 1 MiB, when-full = skip, lanes = 2
                  buffer-bytes = 32 MiB, socket = off, register-interval = 1 second, own-look-up-after = 2 seconds
                  max-upload = "2GB/s", max-read = "500 MB/s"
                  attach-wait = 3 seconds, lease-wait = 4 seconds, load-wait = 5 seconds
                }""");
        assertThat(settings.stagingBytesMax()).hasValue(1 << 20);
        assertThat(settings.whenFull()).isEqualTo(WorkerRules.WhenFull.SKIP);
        assertThat(settings.socket()).isFalse();
        assertThat(settings.bandwidth())
                .isEqualTo(new Bandwidth(OptionalLong.of(2_000_000_000), OptionalLong.of(500_000_000)));
        assertThat(settings.times())
                .isEqualTo(new WorkerRules.Times(
                        Duration.ofMillis(100),
                        Duration.ofMillis(200),
                        Duration.ofMillis(300),
                        Duration.ofMillis(400),
                        Duration.ofMillis(500)));
    }

    @Test
    void wrong_settings_are_refused_in_words() {
        for (String wrong :
                new String[] {"name = A", "when-full = sometimes", "lanes = -1", "lease-wait = 0 seconds"}) {
            assertThatThrownBy(() -> with("moorage.worker." + wrong)).as(wrong).isInstanceOf(CheckpointException.class);
        }
        assertThatThrownBy(() -> with("moorage.worker.max-upload = fast"))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("moorage.worker.max-upload");
        assertThatThrownBy(() -> with("moorage.time-scale = 0"))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("time-scale");
    }

    @Test
    void buffers_grow_with_the_lanes_up_to_what_the_daemon_may_take() {
        assertThat(WorkerSettings.bufferBytesOf(2)).isEqualTo(64 << 20);
        assertThat(WorkerSettings.bufferBytesOf(16)).isEqualTo(384 << 20);
        assertThat(with("moorage.worker { name = w1, lanes = 0 }").lanes())
                .isEqualTo(Math.min(16, Runtime.getRuntime().availableProcessors()));
    }
}
