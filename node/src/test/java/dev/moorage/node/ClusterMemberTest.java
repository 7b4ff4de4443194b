package dev.moorage.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import dev.moorage.protocol.CheckpointException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ClusterMemberTest {
    private static final HostPort ANY = new HostPort("127.0.0.1", 0);
    private static final Duration DEADLINE = Duration.ofSeconds(60);

    private final Config config = Configuration.load(Optional.empty(), Map.of());

    @Test
    void two_nodes_form_a_cluster_over_the_network_and_leave_it() {
        try (ClusterMember coordinator = ClusterMember.start(config, ANY, Set.of(ClusterMember.COORDINATOR));
                ClusterMember worker = ClusterMember.start(config, ANY, Set.of(ClusterMember.WORKER))) {
            coordinator.begin();
            coordinator.awaitUp(DEADLINE);
            worker.join(List.of(coordinator.address()));
            worker.awaitUp(DEADLINE);

            assertThat(worker.address().port())
                    .isNotZero()
                    .isNotEqualTo(coordinator.address().port());
        }
    }

    @Test
    void what_runs_in_it_is_closed_before_the_store() {
        AtomicInteger order = new AtomicInteger();
        int[] closed = new int[2];
        try (ClusterMember member = ClusterMember.start(config, ANY, Set.of(ClusterMember.COORDINATOR))) {
            member.closesLast("store", () -> closed[1] = order.incrementAndGet());
            member.closesBeforeLeaving("part", () -> closed[0] = order.incrementAndGet());
            member.begin();
            member.awaitUp(DEADLINE);
        }

        assertThat(closed).containsExactly(1, 2);
    }

    @Test
    void a_port_that_is_taken_is_named() throws IOException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            HostPort bind = new HostPort("127.0.0.1", taken.getLocalPort());

            assertThatThrownBy(() -> ClusterMember.start(config, bind, Set.of(ClusterMember.WORKER)))
                    .isInstanceOf(CheckpointException.class)
                    .hasMessageContaining("cannot listen on " + bind);
        }
    }
}
