package dev.moorage.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.ConfigFactory;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.WorldSize;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.storage.MemoryStore;
import dev.moorage.worker.core.Attachment;
import dev.moorage.worker.host.RankSession;
import dev.moorage.worker.host.Segment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class WorkerBugTest {
    private static final JobName JOB = new JobName("llm");

    @TempDir
    Path dir;

    private final ActorTestKit kit = ActorTestKit.create("bug", ConfigFactory.load());
    private final MemoryStore store = new MemoryStore();
    private final List<ToCoordinator> said = new CopyOnWriteArrayList<>();
    private volatile boolean broken;

    @AfterEach
    void stop() {
        kit.shutdownTestKit();
    }

    private WorkerNode start() {
        WorkerSettings settings = WorkerSettings.from(ConfigFactory.parseMap(Map.of(
                        "moorage.worker.name", "w1",
                        "moorage.worker.staging-dir", dir.toString(),
                        "moorage.worker.staging-bytes-max", "10 MiB"))
                .withFallback(ConfigFactory.load()));
        return WorkerNode.start(kit.system(), settings, store, this::coordinate);
    }

    private void coordinate(ToCoordinator message) {
        if (broken) {
            throw new IllegalStateException("a bug");
        }
        said.add(message);
        if (message instanceof ToCoordinator.OpenRun open) {
            said.stream()
                    .filter(ToCoordinator.Register.class::isInstance)
                    .map(ToCoordinator.Register.class::cast)
                    .forEach(register -> register.replyTo()
                            .tell(new ToWorker.RunOpened(open.job(), open.token(), new RunNumber(1))));
        }
    }

    private static Attachment who(int rank) {
        return new Attachment(
                JOB,
                new RunToken("t"),
                new Rank(rank),
                new WorldSize(2),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                0);
    }

    @Test
    void one_that_ends_by_a_bug_says_so_closes_its_doors_and_leaves_what_is_staged_to_its_next_life() throws Exception {
        WorkerNode node = start();
        Path socket = node.socket().orElseThrow();
        RankSession rank = node.host().attach(who(0));
        Segment segment = rank.lease(ShardKind.OWN, 100);
        rank.stage(segment, 100, new Step(3), ShardKind.OWN, ShardFormat.OPAQUE, Map.of());

        broken = true;
        assertThatThrownBy(() -> node.host()
                        .attach(new Attachment(
                                new JobName("other"),
                                new RunToken("t"),
                                new Rank(0),
                                new WorldSize(1),
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty(),
                                0)))
                .isInstanceOf(CheckpointException.class)
                .hasMessageContainingAll("worker w1", "internal error", "a bug", "attach again");

        await(() -> node.bug().isPresent());
        assertThat(node.bug().orElseThrow()).hasMessage("a bug");
        assertThatThrownBy(() -> rank.status(new Step(3))).hasMessageContaining("internal error");
        await(() -> !Files.exists(socket));

        broken = false;
        said.clear();
        try (WorkerNode again = startWhenUnlocked()) {
            again.host().attach(who(1));
            await(() -> said.stream().anyMatch(ToCoordinator.RankStaged.class::isInstance));
        }
    }

    private static void await(BooleanSupplier holds) throws InterruptedException {
        for (int i = 0; i < 1_000 && !holds.getAsBoolean(); i++) {
            TimeUnit.MILLISECONDS.sleep(20);
        }
        assertThat(holds.getAsBoolean()).as("it holds within 20 s").isTrue();
    }

    /** The lock goes with the last of what is closed. */
    private WorkerNode startWhenUnlocked() throws InterruptedException {
        for (int i = 0; ; i++) {
            try {
                return start();
            } catch (CheckpointException locked) {
                if (i == 500) {
                    throw locked;
                }
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
    }

    @Test
    void one_that_is_closed_has_not_failed() {
        WorkerNode node = start();
        node.close();

        assertThat(node.bug()).isEmpty();
        assertThatThrownBy(() -> node.host().attach(who(0))).hasMessageContaining("is shutting down");
    }
}
