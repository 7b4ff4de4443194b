package dev.moorage.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ConfigurationTest {
    @TempDir
    private Path folder;

    @AfterEach
    void forget_properties() {
        System.clearProperty("moorage.store");
        System.clearProperty("moorage.stroe");
        System.clearProperty("moorage.conf");
        ConfigFactory.invalidateCaches();
    }

    @Test
    void the_shipped_defaults() {
        NodeSettings settings =
                NodeSettings.from(Configuration.load(Optional.empty(), Map.of("moorage.store", "/data")));

        assertThat(settings).isEqualTo(new NodeSettings("/data", false, new HostPort("127.0.0.1", 0), List.of()));
    }

    @Test
    void fail_over_is_tuned_and_only_coordinators_vote() {
        Config cluster = Configuration.load(Optional.empty(), Map.of()).getConfig("pekko.cluster");

        assertThat(cluster.getDuration("down-removal-margin")).isEqualTo(Duration.ofMillis(500));
        assertThat(cluster.getString("split-brain-resolver.active-strategy")).isEqualTo("keep-majority");
        assertThat(cluster.getString("split-brain-resolver.keep-majority.role")).isEqualTo("coordinator");
        assertThat(cluster.getDuration("split-brain-resolver.stable-after")).isEqualTo(Duration.ofSeconds(3));
        assertThat(cluster.getString("split-brain-resolver.down-all-when-unstable"))
                .isEqualTo("off");
        assertThat(cluster.getDuration("failure-detector.acceptable-heartbeat-pause"))
                .isEqualTo(Duration.ofSeconds(2));
        assertThat(cluster.getString("allow-weakly-up-members")).isEqualTo("on");
        assertThat(cluster.getString("sharding.passivation.strategy")).isEqualTo("none");
        assertThat(cluster.getBoolean("sharding.remember-entities")).isFalse();
    }

    @Test
    void java_serialization_is_off() {
        assertThat(Configuration.load(Optional.empty(), Map.of()).getBoolean("pekko.actor.allow-java-serialization"))
                .isFalse();
    }

    @Test
    void options_win_over_properties_and_properties_over_the_file() throws IOException {
        Path file = file("moorage { store = /from-file, insecure = on, cluster.bind = \"127.0.0.1:5\" }");
        System.setProperty("moorage.store", "/from-property");
        ConfigFactory.invalidateCaches();

        NodeSettings settings =
                NodeSettings.from(Configuration.load(Optional.of(file), Map.of("moorage.cluster.bind", "127.0.0.1:6")));

        assertThat(settings.store()).isEqualTo("/from-property");
        assertThat(settings.insecure()).isTrue();
        assertThat(settings.bind().port()).isEqualTo(6);
    }

    @Test
    void the_file_of_the_distribution_is_read_where_none_is_named() throws IOException {
        Files.writeString(folder.resolve("moorage.conf"), "moorage.store = /shipped");
        System.setProperty("moorage.conf", folder.toString());
        ConfigFactory.invalidateCaches();

        assertThat(Configuration.load(Optional.empty(), Map.of()).getString("moorage.store"))
                .isEqualTo("/shipped");
    }

    @Test
    void an_unknown_key_is_refused_with_its_place_and_the_known_ones() throws IOException {
        Path file = file("moorage {\n  stroe = /data\n}");

        assertInvalid(
                () -> Configuration.load(Optional.of(file), Map.of()),
                "unknown key moorage.stroe",
                "moorage.conf: 2",
                "moorage.store");
    }

    @Test
    void an_unknown_property_is_refused_too() {
        System.setProperty("moorage.stroe", "/data");
        ConfigFactory.invalidateCaches();

        assertInvalid(() -> Configuration.load(Optional.empty(), Map.of()), "unknown key moorage.stroe");
    }

    @Test
    void a_key_outside_of_moorage_and_pekko_is_refused() throws IOException {
        Path file = file("morage.store = /data");

        assertInvalid(() -> Configuration.load(Optional.of(file), Map.of()), "unknown key morage");
    }

    @Test
    void a_value_of_the_wrong_type_is_named_with_key_and_place() throws IOException {
        Path file = file("moorage { store = /data\n insecure = 5 }");

        assertInvalid(
                () -> NodeSettings.from(Configuration.load(Optional.of(file), Map.of())),
                "moorage.insecure",
                "moorage.conf: 2");
    }

    @Test
    void a_file_that_is_not_hocon_is_refused_with_its_line() throws IOException {
        Path file = file("moorage {\n store = \n");

        assertInvalid(() -> Configuration.load(Optional.of(file), Map.of()), "moorage.conf: 3");
    }

    @Test
    void a_missing_file_is_refused() {
        assertInvalid(
                () -> Configuration.load(Optional.of(folder.resolve("absent.conf")), Map.of()),
                "absent.conf",
                "cannot be read");
    }

    @Test
    void an_address_that_others_reach_needs_insecure() {
        Config open = Configuration.load(
                Optional.empty(), Map.of("moorage.store", "/data", "moorage.cluster.bind", "10.1.2.3:2551"));

        assertInvalid(() -> NodeSettings.from(open), "moorage.cluster.bind is 10.1.2.3:2551", "--insecure");
        assertThat(NodeSettings.from(ConfigFactory.parseMap(Map.of("moorage.insecure", true))
                                .withFallback(open))
                        .insecure())
                .isTrue();
    }

    @Test
    void no_store_port_zero_of_a_seed_and_a_wildcard_are_refused() {
        assertInvalid(
                () -> NodeSettings.from(Configuration.load(Optional.empty(), Map.of())), "moorage.store is not set");
        assertInvalid(
                () -> NodeSettings.from(Configuration.load(
                        Optional.empty(), Map.of("moorage.store", "/d", "moorage.cluster.seeds", List.of("a:0")))),
                "moorage.cluster.seeds names a:0");
        assertInvalid(
                () -> NodeSettings.from(Configuration.load(
                        Optional.empty(), Map.of("moorage.store", "/d", "moorage.cluster.bind", "0.0.0.0:1"))),
                "other nodes cannot connect to");
    }

    private Path file(String text) throws IOException {
        return Files.writeString(folder.resolve("moorage.conf"), text);
    }

    private static void assertInvalid(ThrowingCallable work, String... parts) {
        assertThatThrownBy(work)
                .isInstanceOfSatisfying(
                        CheckpointException.class,
                        failure -> assertThat(failure.kind()).isEqualTo(FailureKind.INVALID))
                .hasMessageContainingAll(parts);
    }
}
