package dev.moorage.coordinator;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.Iterators;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.v1.CancelRequest;
import dev.moorage.protocol.v1.CheckpointInfo;
import dev.moorage.protocol.v1.CheckpointsGrpc;
import dev.moorage.protocol.v1.GetRequest;
import dev.moorage.protocol.v1.ListReply;
import dev.moorage.protocol.v1.ListRequest;
import dev.moorage.protocol.v1.ListWorkersRequest;
import dev.moorage.protocol.v1.RestoreRequest;
import dev.moorage.protocol.v1.SaveRequest;
import dev.moorage.protocol.v1.SaveStatus;
import dev.moorage.protocol.v1.State;
import dev.moorage.protocol.v1.VerdictKind;
import dev.moorage.protocol.v1.Verification;
import dev.moorage.protocol.v1.VerificationTarget;
import dev.moorage.protocol.v1.VerifyRequest;
import dev.moorage.protocol.v1.WatchEvent;
import dev.moorage.protocol.v1.WatchRequest;
import dev.moorage.storage.MemoryStore;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.health.v1.HealthCheckRequest;
import io.grpc.health.v1.HealthCheckResponse.ServingStatus;
import io.grpc.health.v1.HealthGrpc;
import io.grpc.reflection.v1.ServerReflectionGrpc;
import io.grpc.reflection.v1.ServerReflectionRequest;
import io.grpc.reflection.v1.ServerReflectionResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class CoordinatorNodeTest {
    private static final JobName JOB = new JobName("llama");
    private static ClusterBench bench;
    private static CheckpointsGrpc.CheckpointsBlockingStub stub;

    /** Steps 5 (verified) and 6 (not) of two ranks on two workers. */
    @BeforeAll
    static void two_checkpoints() {
        bench = new ClusterBench(new MemoryStore());
        stub = CheckpointsGrpc.newBlockingStub(bench.channel);
        FakeWorker one = bench.worker("w0", JOB);
        FakeWorker other = bench.worker("w1", JOB);
        one.openRun("token", 2);
        ClusterBench.await(() -> !one.heard(dev.moorage.protocol.cluster.ToWorker.RunOpened.class)
                .isEmpty());
        one.stage(1, 5, 0, VerifyDepth.FULL);
        other.stage(1, 5, 1, VerifyDepth.FULL);
        assertThat(last(watch(5)).getSave().getState()).isEqualTo(State.STATE_COMMITTED);
        one.stage(1, 6, 0);
        other.stage(1, 6, 1);
        assertThat(last(watch(6)).getSave().getState()).isEqualTo(State.STATE_COMMITTED);
    }

    @AfterAll
    static void close() {
        bench.close();
    }

    private static List<WatchEvent> watch(long step) {
        SaveStatus begun = stub.save(
                        SaveRequest.newBuilder().setJob("llama").setStep(step).build())
                .getSave();
        assertThat(begun.getStep()).isEqualTo(step);
        List<WatchEvent> events = new java.util.ArrayList<>();
        Iterators.addAll(
                events,
                stub.withDeadlineAfter(20, TimeUnit.SECONDS)
                        .watch(WatchRequest.newBuilder()
                                .setJob("llama")
                                .setStep(step)
                                .build()));
        return events;
    }

    private static WatchEvent last(List<WatchEvent> events) {
        assertThat(events.get(events.size() - 1).getLast()).isTrue();
        return events.get(events.size() - 1);
    }

    @Test
    void a_watch_ends_with_the_verification_that_follows_the_commit() {
        SaveStatus save = last(watch(5)).getSave();

        assertThat(save.getVerification().getRunning()).isFalse();
        assertThat(save.getVerification().getResult()).isEqualTo(VerdictKind.VERDICT_KIND_GOOD);
        assertThat(save.getVerification().getStatus()).isEqualTo(Verification.VERIFICATION_VERIFIED);
    }

    @Test
    void a_save_of_a_committed_step_is_answered_with_already() {
        SaveStatus save = stub.save(
                        SaveRequest.newBuilder().setJob("llama").setStep(5).build())
                .getSave();

        assertThat(save.getAlready()).isTrue();
    }

    @Test
    void get_shows_a_checkpoint_and_its_shards() {
        CheckpointInfo info = stub.get(GetRequest.newBuilder()
                .setJob("llama")
                .setStep(5)
                .setShards(true)
                .build());

        assertThat(info.getState()).isEqualTo(State.STATE_COMMITTED);
        assertThat(info.getVerification()).isEqualTo(Verification.VERIFICATION_VERIFIED);
        assertThat(info.getVerify()).isEqualTo("full");
        assertThat(info.getShardsList()).hasSize(2);
        assertThat(info.getShards(1).getKey()).contains("rank-000001");
    }

    @Test
    void list_pages_from_the_newest_step_down() {
        ListReply first = stub.list(
                ListRequest.newBuilder().setJob("llama").setPageSize(1).build());
        ListReply second = stub.list(ListRequest.newBuilder()
                .setJob("llama")
                .setPageSize(1)
                .setPageToken(first.getNextPageToken())
                .build());

        assertThat(first.getCheckpoints(0).getStep()).isEqualTo(6);
        assertThat(second.getCheckpoints(0).getStep()).isEqualTo(5);
        assertThat(second.getNextPageToken()).isEmpty();
        assertThat(stub.list(ListRequest.getDefaultInstance()).getJobsList()).containsExactly("llama");
    }

    @Test
    void restore_chooses_and_names_what_it_passes_over() {
        var reply = stub.restore(RestoreRequest.newBuilder()
                .setJob("llama")
                .setSelector("latest-verified")
                .build());

        assertThat(reply.getStep()).isEqualTo(5);
        assertThat(reply.getPassedOverList())
                .singleElement()
                .satisfies(passed -> assertThat(passed.getStep()).isEqualTo(6));
    }

    @Test
    void verify_runs_on_the_workers_and_can_be_watched() {
        stub.verify(VerifyRequest.newBuilder()
                .setJob("llama")
                .setStep(5)
                .setRequestId("v1")
                .setDepth("attest")
                .build());
        List<WatchEvent> events = new java.util.ArrayList<>();
        Iterators.addAll(
                events,
                stub.withDeadlineAfter(20, TimeUnit.SECONDS)
                        .watch(WatchRequest.newBuilder()
                                .setJob("llama")
                                .setVerification(VerificationTarget.newBuilder()
                                        .setStep(5)
                                        .setRequestId("v1"))
                                .build()));

        assertThat(last(events).getVerification().getResult()).isEqualTo(VerdictKind.VERDICT_KIND_GOOD);
    }

    @Test
    void cancel_of_a_committed_step_tells_of_the_commit() {
        assertThat(stub.cancel(CancelRequest.newBuilder()
                                .setJob("llama")
                                .setStep(6)
                                .build())
                        .getSave()
                        .getState())
                .isEqualTo(State.STATE_COMMITTED);
    }

    @Test
    void the_workers_are_listed_by_their_own_word() {
        ClusterBench.await(
                () -> stub.listWorkers(ListWorkersRequest.getDefaultInstance()).getWorkersCount() == 2);
        assertThat(stub.listWorkers(ListWorkersRequest.getDefaultInstance()).getWorkersList())
                .extracting(worker -> worker.getWorker())
                .containsExactly("w0", "w1");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "..", "../etc", "A", "a\u0000b"})
    void a_name_that_is_none_is_an_invalid_argument(String job) {
        assertThatThrownBy(() -> stub.save(SaveRequest.newBuilder().setJob(job).build()))
                .isInstanceOfSatisfying(StatusRuntimeException.class, refused -> {
                    assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT);
                    assertThat(refused.getStatus().getDescription()).contains("job name must match");
                });
    }

    @Test
    void other_bad_input_is_an_invalid_argument() {
        SaveRequest good = SaveRequest.newBuilder().setJob("llama").setStep(9).build();
        assertInvalid(() -> stub.save(good.toBuilder().setStep(-1).build()));
        assertInvalid(() -> stub.save(good.toBuilder().setCodec("zstd:23").build()));
        assertInvalid(() -> stub.save(good.toBuilder().setVerify("sample:2").build()));
        assertInvalid(() ->
                stub.save(good.toBuilder().putMetadata("k", "v".repeat(70_000)).build()));
        assertInvalid(() -> stub.verify(VerifyRequest.newBuilder()
                .setJob("llama")
                .setStep(5)
                .setDepth("full")
                .build()));
        assertInvalid(() -> stub.list(
                ListRequest.newBuilder().setJob("llama").setPageSize(5_000).build()));
        assertInvalid(() -> stub.restore(RestoreRequest.newBuilder()
                .setJob("llama")
                .setSelector("newest")
                .build()));
        assertInvalid(() ->
                stub.watch(WatchRequest.newBuilder().setJob("llama").build()).next());
    }

    private static void assertInvalid(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        StatusRuntimeException.class,
                        refused -> assertThat(refused.getStatus().getCode()).isEqualTo(Status.Code.INVALID_ARGUMENT));
    }

    @Test
    void what_nobody_has_staged_is_not_found() {
        assertThatThrownBy(() -> stub.get(
                        GetRequest.newBuilder().setJob("llama").setStep(99).build()))
                .hasMessageContaining("NOT_FOUND");
        assertThatThrownBy(() -> stub.watch(WatchRequest.newBuilder()
                                .setJob("llama")
                                .setStep(99)
                                .build())
                        .next())
                .hasMessageContaining("NOT_FOUND");
    }

    @Test
    void health_answers_for_the_service() {
        assertThat(HealthGrpc.newBlockingStub(bench.channel)
                        .check(HealthCheckRequest.newBuilder()
                                .setService("moorage.v1.Checkpoints")
                                .build())
                        .getStatus())
                .isEqualTo(ServingStatus.SERVING);
    }

    @Test
    void reflection_lists_the_service_in_both_versions() throws Exception {
        CompletableFuture<List<String>> v1 = new CompletableFuture<>();
        StreamObserver<ServerReflectionRequest> asked = ServerReflectionGrpc.newStub(bench.channel)
                .serverReflectionInfo(new StreamObserver<>() {
                    @Override
                    public void onNext(ServerReflectionResponse answer) {
                        v1.complete(answer.getListServicesResponse().getServiceList().stream()
                                .map(service -> service.getName())
                                .toList());
                    }

                    @Override
                    public void onError(Throwable failure) {
                        v1.completeExceptionally(failure);
                    }

                    @Override
                    public void onCompleted() {}
                });
        asked.onNext(ServerReflectionRequest.newBuilder().setListServices("").build());
        List<String> services = v1.get(10, TimeUnit.SECONDS);
        asked.onCompleted();

        assertThat(services)
                .contains(
                        "moorage.v1.Checkpoints",
                        "grpc.health.v1.Health",
                        "grpc.reflection.v1.ServerReflection",
                        "grpc.reflection.v1alpha.ServerReflection");
    }
}
