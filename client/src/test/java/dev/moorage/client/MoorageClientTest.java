package dev.moorage.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.v1.CheckpointInfo;
import dev.moorage.protocol.v1.ListReply;
import dev.moorage.protocol.v1.SaveStatus;
import dev.moorage.protocol.v1.State;
import dev.moorage.protocol.v1.VerdictKind;
import dev.moorage.protocol.v1.VerificationStatus;
import dev.moorage.protocol.v1.VerifyRequest;
import dev.moorage.protocol.v1.WatchEvent;
import io.grpc.Status;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class MoorageClientTest {
    private static final JobName JOB = new JobName("llama");
    private static final Step STEP = new Step(7);
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final ClientSettings QUICK = new ClientSettings(
            Duration.ofSeconds(10), Duration.ofMillis(300), Duration.ofMillis(1), Duration.ofMillis(5));

    private FakeCluster cluster;
    private MoorageClient client;

    @BeforeEach
    void start() throws IOException {
        cluster = new FakeCluster();
        client = MoorageClient.connect(Endpoints.parse(cluster.endpoint()), QUICK);
    }

    @AfterEach
    void stop() {
        client.close();
        cluster.close();
    }

    @Test
    void an_endpoint_that_is_down_is_passed_over() throws IOException {
        try (MoorageClient two = MoorageClient.connect(deadEndpoint() + "," + cluster.endpoint())) {
            assertThat(two.listWorkers()).isEmpty();
        }
    }

    @Test
    void when_nobody_answers_the_message_names_where_it_was_asked() throws IOException {
        String dead = deadEndpoint();
        try (MoorageClient nowhere = MoorageClient.connect(dead)) {
            CheckpointException failure = failureOf(nowhere::listWorkers);

            assertThat(failure.kind()).isEqualTo(FailureKind.UNAVAILABLE);
            assertThat(failure).hasMessageContaining(dead).hasMessageContaining("--endpoint");
        }
    }

    @Test
    void an_answer_that_is_a_refusal_is_not_asked_for_again_elsewhere() throws IOException {
        try (FakeCluster other = new FakeCluster();
                MoorageClient two = MoorageClient.connect(cluster.endpoint() + "," + other.endpoint())) {
            cluster.failure = Status.INVALID_ARGUMENT.withDescription("zstd level must be 1 to 22, was 0");

            assertThat(failureOf(() -> two.get(JOB, STEP, false)))
                    .hasMessage("zstd level must be 1 to 22, was 0")
                    .extracting(CheckpointException::kind)
                    .isEqualTo(FailureKind.INVALID);
            assertThat(other.calls).hasValue(0);
        }
    }

    @Test
    void a_status_becomes_the_kind_it_stands_for() {
        cluster.failure = Status.DATA_LOSS.withDescription("rank 3 chunk 2");
        assertThat(failureOf(() -> client.get(JOB, STEP, false)).kind()).isEqualTo(FailureKind.CORRUPT);
        cluster.failure = Status.NOT_FOUND.withDescription("no such step");
        assertThat(failureOf(() -> client.get(JOB, STEP, false)).kind()).isEqualTo(FailureKind.NOT_FOUND);
        cluster.failure = Status.UNKNOWN.withDescription("in doubt");
        assertThat(failureOf(() -> client.get(JOB, STEP, false)).kind()).isEqualTo(FailureKind.IN_DOUBT);
    }

    @Test
    void a_listing_has_all_pages() {
        cluster.pages.put("", page("b", 3, 2));
        cluster.pages.put("b", page("c", 1));
        cluster.pages.put("c", page("", 0));

        assertThat(client.list(JOB)).extracting(CheckpointInfo::getStep).containsExactly(3L, 2L, 1L, 0L);
    }

    @Test
    void a_listing_that_goes_in_circles_ends() {
        cluster.pages.put("", page("b", 3));
        cluster.pages.put("b", page("b", 2));

        assertThat(failureOf(() -> client.list(JOB))).hasMessageContaining("does not end");
    }

    @Test
    void a_broken_stream_is_watched_again_until_the_last_event() {
        cluster.watches.add(to -> {
            to.onNext(event(State.STATE_STAGING, false));
            to.onError(Status.UNAVAILABLE.withDescription("going down").asRuntimeException());
        });
        cluster.watches.add(to -> {
            to.onNext(event(State.STATE_UPLOADING, false));
            to.onCompleted();
        });
        cluster.watches.add(to -> to.onNext(event(State.STATE_SEALING, false))); // and then silence
        cluster.watches.add(to -> to.onNext(event(State.STATE_COMMITTED, true)));
        List<State> seen = new ArrayList<>();

        SaveStatus last = client.watchSave(JOB, STEP, MINUTE, status -> seen.add(status.getState()));

        assertThat(last.getState()).isEqualTo(State.STATE_COMMITTED);
        assertThat(seen)
                .containsExactly(
                        State.STATE_STAGING, State.STATE_UPLOADING, State.STATE_SEALING, State.STATE_COMMITTED);
    }

    @Test
    void a_watch_that_never_ends_is_given_up_at_its_deadline() {
        cluster.watches.add(to -> to.onError(Status.UNAVAILABLE.asRuntimeException()));

        CheckpointException failure =
                failureOf(() -> client.watchSave(JOB, STEP, Duration.ofMillis(200), status -> {}));

        assertThat(failure.kind()).isEqualTo(FailureKind.UNAVAILABLE);
        assertThat(failure).hasMessageContaining("the cluster goes on");
    }

    @Test
    void a_watch_of_what_is_not_there_ends_at_once() {
        cluster.watches.add(to ->
                to.onError(Status.NOT_FOUND.withDescription("no such step").asRuntimeException()));

        assertThat(failureOf(() -> client.watchSave(JOB, STEP, MINUTE, status -> {}))
                        .kind())
                .isEqualTo(FailureKind.NOT_FOUND);
        assertThat(cluster.calls).hasValue(1);
    }

    @Test
    void more_events_than_fit_in_flight_all_arrive() {
        cluster.watches.add(to -> {
            for (int i = 0; i < 100; i++) {
                to.onNext(event(State.STATE_UPLOADING, false));
            }
            to.onNext(event(State.STATE_COMMITTED, true));
            to.onCompleted();
        });
        List<State> seen = new ArrayList<>();

        client.watchSave(JOB, STEP, MINUTE, status -> seen.add(status.getState()));

        assertThat(seen).hasSize(101);
    }

    @Test
    void a_verification_that_a_new_coordinator_does_not_know_is_asked_for_again_under_the_same_id() {
        cluster.watches.add(to ->
                to.onError(Status.NOT_FOUND.withDescription("no such request").asRuntimeException()));
        cluster.watches.add(to -> to.onNext(WatchEvent.newBuilder()
                .setVerification(VerificationStatus.newBuilder().setResult(VerdictKind.VERDICT_KIND_GOOD))
                .setLast(true)
                .build()));

        VerificationStatus last = client.verify(JOB, STEP, VerifyDepth.FULL, RankSet.EMPTY, MINUTE, status -> {});

        assertThat(last.getResult()).isEqualTo(VerdictKind.VERDICT_KIND_GOOD);
        assertThat(cluster.verifications).hasSize(2);
        assertThat(cluster.verifications)
                .extracting(VerifyRequest::getRequestId)
                .allMatch(id -> id.startsWith("cli-"))
                .containsOnly(cluster.verifications.element().getRequestId());
    }

    @Test
    void endpoints_are_written_with_commas_and_nonsense_is_refused() {
        assertThat(Endpoints.parse("a:1, [::1]:70").all()).hasSize(2);
        for (String wrong : List.of("", "a", "a:", "a:0", "a:99999", ":1", "a:1,", "http://a:1")) {
            assertThat(failureOf(() -> Endpoints.parse(wrong)).kind()).as(wrong).isEqualTo(FailureKind.INVALID);
        }
    }

    private static ListReply page(String next, int... steps) {
        ListReply.Builder page = ListReply.newBuilder().setNextPageToken(next);
        for (int step : steps) {
            page.addCheckpoints(CheckpointInfo.newBuilder().setStep(step));
        }
        return page.build();
    }

    private static WatchEvent event(State state, boolean last) {
        return WatchEvent.newBuilder()
                .setSave(SaveStatus.newBuilder().setState(state))
                .setLast(last)
                .build();
    }

    private static String deadEndpoint() throws IOException {
        try (ServerSocket reserved = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return "127.0.0.1:" + reserved.getLocalPort();
        }
    }

    private static CheckpointException failureOf(ThrowingCallable call) {
        return catchThrowableOfType(CheckpointException.class, call);
    }
}
