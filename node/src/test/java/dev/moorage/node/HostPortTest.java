package dev.moorage.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.protocol.CheckpointException;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class HostPortTest {
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1:0", "host.example:7070", "[::1]:65535"})
    void reads_what_it_writes(String text) {
        assertThat(HostPort.parse("x", text)).hasToString(text);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "host", ":1", "host:", "host:65536", "host:-1", "host:x", "::1:5", "[]:5", "a b:5", "a/b:5"})
    void anything_else_is_refused_with_its_name_and_the_form(String text) {
        assertThatThrownBy(() -> HostPort.parse("--listen", text))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContaining("--listen must be HOST:PORT")
                .hasMessageContaining("'" + text + "'");
    }

    @Test
    void knows_what_only_this_host_reaches() {
        assertThat(new HostPort("127.0.0.1", 1).isLoopback()).isTrue();
        assertThat(new HostPort("::1", 1).isLoopback()).isTrue();
        assertThat(new HostPort("10.0.0.1", 1).isLoopback()).isFalse();
        assertThat(new HostPort("0.0.0.0", 1).isLoopback()).isFalse();
        assertThat(new HostPort("0.0.0.0", 1).isWildcard()).isTrue();
    }
}
