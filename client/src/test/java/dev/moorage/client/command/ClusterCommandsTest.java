package dev.moorage.client.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.client.FakeCluster;
import dev.moorage.protocol.v1.CheckpointInfo;
import dev.moorage.protocol.v1.FindingInfo;
import dev.moorage.protocol.v1.ListReply;
import dev.moorage.protocol.v1.SaveStatus;
import dev.moorage.protocol.v1.State;
import dev.moorage.protocol.v1.VerdictKind;
import dev.moorage.protocol.v1.Verification;
import dev.moorage.protocol.v1.VerificationStatus;
import dev.moorage.protocol.v1.WatchEvent;
import dev.moorage.protocol.v1.WorkerInfo;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

/** What the commands make of a cluster's answers. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ClusterCommandsTest {
    private final Shell shell = new Shell();
    private FakeCluster cluster;

    @BeforeEach
    void start() throws IOException {
        cluster = new FakeCluster();
    }

    @AfterEach
    void stop() {
        cluster.close();
    }

    @Test
    void workers_are_a_table() {
        cluster.workers = List.of(worker("host-b", 4, 3L << 30), worker("host-a", 0, 0));

        assertThat(run("workers").out()).isEqualTo("""
                        WORKER  HOST      RANKS   STAGED   BUDGET  JOBS   VERSION  SOCKET
                        host-a  10.0.0.1      0      0 B  8.0 GiB  -      0.1.0    /run/host-a.sock
                        host-b  10.0.0.1      4  3.0 GiB  8.0 GiB  llama  0.1.0    /run/host-b.sock
                        """);
    }

    @Test
    void workers_as_json_say_the_same() throws IOException {
        cluster.workers = List.of(worker("host-b", 4, 3L << 30));

        assertThat(run("workers", "--json")
                        .json()
                        .get("workers")
                        .get(0)
                        .get("staged_bytes")
                        .asLong())
                .isEqualTo(3L << 30);
    }

    @Test
    void ls_shows_the_cluster_s_answer() {
        cluster.pages.put(
                "",
                ListReply.newBuilder()
                        .addCheckpoints(CheckpointInfo.newBuilder()
                                .setStep(7)
                                .setState(State.STATE_COMMITTED)
                                .setWorldSize(8)
                                .setRawBytes(1000)
                                .setStoredBytes(500)
                                .setVerification(Verification.VERIFICATION_VERIFIED))
                        .build());

        assertThat(run("ls", "llama").out()).isEqualTo("""
                        STEP  STATE      VERIFIED  RANKS    SIZE  STORED  RATIO  CREATED
                           7  COMMITTED  VERIFIED      8  1000 B   500 B  0.500  -
                        """);
    }

    @Test
    void verify_waits_for_the_workers_and_shows_what_they_found() {
        cluster.watches.add(to -> to.onNext(WatchEvent.newBuilder()
                .setVerification(VerificationStatus.newBuilder()
                        .setDepth("full")
                        .setShards(8)
                        .setVerdict(3)
                        .setResult(VerdictKind.VERDICT_KIND_CORRUPT)
                        .setStatus(Verification.VERIFICATION_CORRUPT)
                        .addFindings(FindingInfo.newBuilder()
                                .setRank(5)
                                .setChunk(2)
                                .setResult(VerdictKind.VERDICT_KIND_CORRUPT)
                                .setMessage("expected 0000abcd, was ffff0000")))
                .setLast(true)
                .build()));

        run("verify", "llama", "7");

        assertThat(shell.exit).isEqualTo(5);
        assertThat(shell.out()).isEqualTo("""
                        job llama step 7: CORRUPT, 8 shards at depth full
                        RANK  CHUNK  RESULT   FINDING
                           5      2  CORRUPT  expected 0000abcd, was ffff0000
                        """);
        assertThat(shell.err()).isEqualTo("verdict 3 is recorded; the checkpoint is now CORRUPT\n");
    }

    @Test
    void status_of_a_step_says_what_a_save_waits_for() {
        cluster.watches.add(to -> to.onNext(WatchEvent.newBuilder()
                .setSave(SaveStatus.newBuilder()
                        .setJob("llama")
                        .setStep(7)
                        .setState(State.STATE_STAGING)
                        .setMissingRanks("3,5-7"))
                .build()));

        assertThat(run("status", "llama", "7").out()).isEqualTo("job llama step 7: STAGING, waiting for ranks 3,5-7\n");
    }

    @Test
    void a_cluster_that_does_not_answer_exits_with_4() throws IOException {
        cluster.close();

        run("workers", "--json");

        assertThat(shell.exit).isEqualTo(4);
        assertThat(shell.json().get("error").get("kind").asText()).isEqualTo("UNAVAILABLE");
        assertThat(shell.err()).contains(cluster.endpoint()).doesNotContain("\tat ");
    }

    @Test
    void restore_says_that_it_needs_the_store() {
        assertThat(run("restore", "llama", "7", "--to", "/tmp/nowhere").exit).isEqualTo(2);
        assertThat(shell.err()).contains("--store");
    }

    private Shell run(String... args) {
        String[] all = java.util.Arrays.copyOf(args, args.length + 2);
        all[args.length] = "--endpoint";
        all[args.length + 1] = endpoint();
        return shell.run(all);
    }

    private String endpoint() {
        return cluster.endpoint();
    }

    private static WorkerInfo worker(String name, int ranks, long staged) {
        WorkerInfo.Builder worker = WorkerInfo.newBuilder()
                .setWorker(name)
                .setHost("10.0.0.1")
                .setSocket("/run/" + name + ".sock")
                .setAttachedRanks(ranks)
                .setStagedBytes(staged)
                .setStagingBytesMax(8L << 30)
                .setVersion("0.1.0");
        if (ranks > 0) {
            worker.addJobs("llama");
        }
        return worker.build();
    }
}
