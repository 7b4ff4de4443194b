package dev.moorage.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import dev.moorage.client.RankShard;
import dev.moorage.client.SaveOrder;
import dev.moorage.client.StagedSave;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.cluster.WorkerCommand;
import dev.moorage.protocol.v1.SaveStatus;
import dev.moorage.storage.FaultyStore;
import dev.moorage.storage.MemoryStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What users see of a bug in the worker. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class BugTest {
    @TempDir
    private Path folder;

    @Test
    void a_daemon_ends_with_status_1_and_takes_its_socket_along() throws Exception {
        Path staging = Files.createDirectory(folder.resolve("staging"));
        try (Command broken = new Command(
                folder,
                BrokenWorker.class,
                "--store",
                folder.resolve("store").toString(),
                "--staging-dir",
                staging.toString())) {
            assertThat(broken.end()).as(broken.output()).isEqualTo(1);
            assertThat(broken.output())
                    .contains("the rank hears: worker broken has ended by an internal error")
                    .contains("internal error", "the worker stopped by", "a bug for this test");
            assertThat(staging.resolve("broken/host.sock")).doesNotExist();
        }
    }

    /** A message that no other process can send: none has nobody to answer to. */
    private static void breakWorkers(EmbeddedCluster cluster) {
        ActorSystem<?> system = cluster.system();
        AskPattern.<Receptionist.Command, Receptionist.Listing>ask(
                        system.receptionist(),
                        replyTo -> Receptionist.find(WorkerCommand.WORKERS, replyTo),
                        Duration.ofSeconds(10),
                        system.scheduler())
                .toCompletableFuture()
                .join()
                .getServiceInstances(WorkerCommand.WORKERS)
                .forEach(worker -> worker.tell(new ToWorker.DescribeAsked(null)));
    }

    private void save(EmbeddedCluster cluster, StagedSave.Listener listener) throws Exception {
        Path from = Files.createDirectories(folder.resolve("from"));
        Files.write(from.resolve("rank-0.bin"), new byte[1000]);
        List<RankShard> shards = ShardFolder.open(from);
        SaveOrder order = new SaveOrder(
                new JobName("job"),
                new Step(1),
                shards,
                Optional.empty(),
                Optional.empty(),
                Map.of(),
                Duration.ofMinutes(10));
        EmbeddedSave.run(cluster, order, listener);
    }

    private static Config config() {
        return Configuration.load(Optional.empty(), Map.of("moorage.coordinator.listen", "127.0.0.1:0"));
    }

    @Test
    void a_save_in_an_embedded_cluster_fails_while_it_stages() {
        try (EmbeddedCluster cluster =
                EmbeddedCluster.start(config(), new MemoryStore(), 1, EmbeddedCluster.Doors.IN_PROCESS)) {
            assertThatThrownBy(() -> save(cluster, new StagedSave.Listener() {
                        @Override
                        public void staged(long delta) {
                            breakWorkers(cluster);
                        }

                        @Override
                        public void saving(SaveStatus status) {}
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContainingAll("a worker of the embedded cluster stopped by", "NullPointerException");
        }
    }

    @Test
    void a_save_in_an_embedded_cluster_fails_while_it_waits_for_a_part() {
        FaultyStore store = new FaultyStore(new MemoryStore());
        CountDownLatch late = new CountDownLatch(1);
        store.before(FaultyStore.Operation.UPLOAD, "", FaultyStore.ALWAYS, () -> {
            try {
                late.await();
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
            }
        });
        try (EmbeddedCluster cluster = EmbeddedCluster.start(config(), store, 1, EmbeddedCluster.Doors.IN_PROCESS)) {
            assertThatThrownBy(() -> save(cluster, new StagedSave.Listener() {
                        @Override
                        public void staged(long delta) {}

                        @Override
                        public void saving(SaveStatus status) {
                            breakWorkers(cluster);
                        }
                    }))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("a worker of the embedded cluster stopped by");
        } finally {
            late.countDown();
        }
    }

    @Test
    void an_embedded_cluster_that_others_use_ends_with_it() throws Exception {
        EmbeddedCluster cluster = EmbeddedCluster.start(config(), new MemoryStore(), 1, EmbeddedCluster.Doors.SOCKETS);
        CompletableFuture<Optional<String>> end = CompletableFuture.supplyAsync(cluster::awaitEnd);
        breakWorkers(cluster);

        assertThatThrownBy(end::get).hasRootCauseInstanceOf(NullPointerException.class);
    }
}
