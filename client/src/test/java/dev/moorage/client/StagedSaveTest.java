package dev.moorage.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.moorage.checkpoint.FileSource;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorldSize;
import dev.moorage.protocol.v1.SaveStatus;
import dev.moorage.protocol.v1.State;
import dev.moorage.protocol.v1.WatchEvent;
import dev.moorage.protocol.v1.WorkerInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class StagedSaveTest {
    private static final JobName JOB = new JobName("llama");
    private static final Step STEP = new Step(7);

    @TempDir
    Path folder;

    private FakeCluster cluster;
    private FakeHost first;
    private FakeHost second;
    private MoorageClient client;
    private final AtomicLong stagedBytes = new AtomicLong();
    private final List<State> states = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        cluster = new FakeCluster();
        first = new FakeHost(folder.resolve("a"));
        second = new FakeHost(folder.resolve("b"));
        client = MoorageClient.connect(cluster.endpoint());
        cluster.workers = List.of(
                worker(first.socket()), worker(Path.of("/nowhere/on/another/host.sock")), worker(second.socket()));
    }

    @AfterEach
    void stop() {
        client.close();
        first.close();
        second.close();
        cluster.close();
    }

    @Test
    void ranks_are_dealt_round_robin_to_the_workers_of_this_host_and_every_byte_arrives() throws Exception {
        ends(State.STATE_COMMITTED, "");
        List<byte[]> content = new ArrayList<>();

        SaveStatus saved = StagedSave.run(client, order(5, content), listener());

        assertThat(saved.getState()).isEqualTo(State.STATE_COMMITTED);
        assertThat(first.staged.keySet()).containsExactlyInAnyOrder(0, 2, 4);
        assertThat(second.staged.keySet()).containsExactlyInAnyOrder(1, 3);
        first.staged.forEach((rank, bytes) -> assertThat(bytes).isEqualTo(content.get(rank)));
        second.staged.forEach((rank, bytes) -> assertThat(bytes).isEqualTo(content.get(rank)));
        assertThat(first.stages.get(0).getMetadataMap()).containsEntry("epoch", "4");
        assertThat(stagedBytes.get())
                .isEqualTo(content.stream().mapToLong(bytes -> bytes.length).sum());
        assertThat(states).last().isEqualTo(State.STATE_COMMITTED);
    }

    @Test
    void all_ranks_of_one_call_share_a_run_token_that_is_new_each_time() throws Exception {
        ends(State.STATE_COMMITTED, "");

        StagedSave.run(client, order(2, new ArrayList<>()), listener());
        String token = first.attached.get(0).getRunToken();
        assertThat(second.attached.get(1).getRunToken()).isEqualTo(token).startsWith("cli-");

        StagedSave.run(client, order(2, new ArrayList<>()), listener());
        assertThat(first.attached.get(0).getRunToken()).isNotEqualTo(token);
        assertThat(cluster.saves).extracting(request -> request.getCodec()).containsOnly("zstd:3");
    }

    @Test
    void an_aborted_save_is_a_failure_with_its_reason() throws Exception {
        ends(State.STATE_ABORTED, "rank 1: no space left on the store");

        CheckpointException failure = failureOf(order(2, new ArrayList<>()));

        assertThat(failure.kind()).isEqualTo(FailureKind.UNAVAILABLE);
        assertThat(failure).hasMessageContaining("job llama step 7").hasMessageContaining("no space left on the store");
    }

    @Test
    void without_a_worker_on_this_host_it_says_what_to_do() throws Exception {
        cluster.workers = List.of(worker(Path.of("/nowhere/on/another/host.sock")));

        CheckpointException failure = failureOf(order(1, new ArrayList<>()));

        assertThat(failure.kind()).isEqualTo(FailureKind.INVALID);
        assertThat(failure)
                .hasMessageContaining("moorage worker")
                .hasMessageContaining("--endpoint")
                .hasMessageContaining("--store");
    }

    @Test
    void a_superseded_rank_is_told_so() {
        try (HostClient host = HostClient.open(first.socket())) {
            CheckpointException failure =
                    catchThrowableOfType(CheckpointException.class, () -> host.attach(rank("old")));

            assertThat(failure.kind()).isEqualTo(FailureKind.INVALID);
            assertThat(failure).hasMessage("superseded by run 3");
        }
    }

    @Test
    void a_load_tells_its_progress_and_names_segments_and_sums() throws Exception {
        List<Long> progress = new ArrayList<>();
        try (HostClient host = HostClient.open(first.socket())) {
            try (HostSession session = host.attach(rank("new"))) {
                LoadedState loaded = session.load("latest", 0, false, progress::add);

                assertThat(session.run().value()).isEqualTo(2);
                assertThat(loaded.step()).isEqualTo(new Step(9));
                assertThat(loaded.metadata()).containsEntry("epoch", "4");
                assertThat(loaded.shards().get(0).crc()).isEqualTo(new Crc32c(0xCAFEBABE));
                assertThat(loaded.shards().get(0).segment().file()).isEqualTo(Path.of("/dev/shm/s"));
                assertThat(progress).containsExactly(3L);
            }
            assertThat(first.left.await(10, TimeUnit.SECONDS)).isTrue();
        }
    }

    @Test
    void a_socket_that_is_not_there_is_named() {
        Path absent = folder.resolve("none.sock");
        assertThat(catchThrowableOfType(CheckpointException.class, () -> HostClient.open(absent)))
                .hasMessageContaining(absent.toString())
                .extracting(CheckpointException::kind)
                .isEqualTo(FailureKind.NOT_FOUND);
    }

    private SaveOrder order(int ranks, List<byte[]> content) throws IOException {
        List<RankShard> shards = new ArrayList<>();
        for (int rank = 0; rank < ranks; rank++) {
            byte[] bytes = new byte[rank == 0 ? 5 << 20 : rank * 1000];
            new Random(rank).nextBytes(bytes);
            content.add(bytes);
            Path file = Files.write(folder.resolve("rank-" + rank + ".bin"), bytes);
            shards.add(new RankShard(new Rank(rank), ShardFormat.OPAQUE, FileSource.open(file)));
        }
        return new SaveOrder(
                JOB,
                STEP,
                shards,
                Optional.of(Codec.zstd(3)),
                Optional.of(VerifyDepth.FULL),
                Map.of("epoch", "4"),
                Duration.ofMinutes(1));
    }

    private void ends(State state, String reason) {
        cluster.watches.add(to -> to.onNext(WatchEvent.newBuilder()
                .setSave(SaveStatus.newBuilder().setState(state).setReason(reason))
                .setLast(true)
                .build()));
    }

    private StagedSave.Listener listener() {
        return new StagedSave.Listener() {
            @Override
            public void staged(long delta) {
                stagedBytes.addAndGet(delta);
            }

            @Override
            public void saving(SaveStatus status) {
                states.add(status.getState());
            }
        };
    }

    private CheckpointException failureOf(SaveOrder order) {
        return catchThrowableOfType(CheckpointException.class, () -> StagedSave.run(client, order, listener()));
    }

    private static Attachment rank(String token) {
        return new Attachment(
                JOB,
                new RunToken(token),
                new Rank(0),
                new WorldSize(1),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private static WorkerInfo worker(Path socket) {
        return WorkerInfo.newBuilder().setSocket(socket.toString()).build();
    }
}
