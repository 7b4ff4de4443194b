package dev.moorage.client;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Nonce;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.v1.CancelRequest;
import dev.moorage.protocol.v1.CheckpointInfo;
import dev.moorage.protocol.v1.GetRequest;
import dev.moorage.protocol.v1.ListReply;
import dev.moorage.protocol.v1.ListRequest;
import dev.moorage.protocol.v1.ListWorkersRequest;
import dev.moorage.protocol.v1.LoadStatus;
import dev.moorage.protocol.v1.LoadTarget;
import dev.moorage.protocol.v1.RestoreReply;
import dev.moorage.protocol.v1.RestoreRequest;
import dev.moorage.protocol.v1.SaveRequest;
import dev.moorage.protocol.v1.SaveStatus;
import dev.moorage.protocol.v1.VerificationStatus;
import dev.moorage.protocol.v1.VerificationTarget;
import dev.moorage.protocol.v1.VerifyRequest;
import dev.moorage.protocol.v1.WatchRequest;
import dev.moorage.protocol.v1.WorkerInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A connection to a cluster's coordinators. Calls block, each with a deadline; an endpoint that cannot be reached is passed
 * over for the next. All calls are idempotent by name, so that repeating one is always safe. Safe for any number of threads.
 *
 * <p>Connections are plain text: a cluster listens on loopback unless it was told otherwise.
 */
public final class MoorageClient implements AutoCloseable {
    private static final int PAGE_SIZE = 1_000;

    private final Doors doors;
    private final ClientSettings settings;

    private MoorageClient(Doors doors, ClientSettings settings) {
        this.doors = doors;
        this.settings = settings;
    }

    /**
     * A client with the default patience. Connects when it is first asked.
     *
     * @param endpoints {@code HOST:PORT}, several with commas between
     * @throws CheckpointException INVALID for anything else
     */
    public static MoorageClient connect(String endpoints) {
        return connect(Endpoints.parse(endpoints), ClientSettings.DEFAULT);
    }

    /** A client with its own patience. Connects when it is first asked. */
    public static MoorageClient connect(Endpoints endpoints, ClientSettings settings) {
        return new MoorageClient(new Doors(endpoints, settings.callDeadline()), settings);
    }

    /** Where this client asks. */
    public Endpoints endpoints() {
        return doors.endpoints();
    }

    /**
     * Makes what the ranks staged for a step durable: joins the open save, starts the next attempt, or answers the
     * checkpoint that is there. Returns at once with how it stands; follow it with {@link #watchSave}.
     *
     * @param codec empty: the ranks' default
     * @param depth of the verification after the commit, empty: the ranks' default
     */
    public SaveStatus save(
            JobName job, Step step, Optional<Codec> codec, Optional<VerifyDepth> depth, Map<String, String> metadata) {
        SaveRequest.Builder request = SaveRequest.newBuilder()
                .setJob(job.value())
                .setStep(step.value())
                .putAllMetadata(metadata);
        codec.ifPresent(value -> request.setCodec(value.toString()));
        depth.ifPresent(value -> request.setVerify(value.toString()));
        return doors.call(stub -> stub.save(request.build())).getSave();
    }

    /**
     * Follows a save and the verification after it to the end, over broken streams and over coordinators that go away.
     *
     * @param deadline of the whole wait
     * @param listener told every state, in this thread
     * @return the last state: COMMITTED or ABORTED, with the verification if one was asked for
     * @throws CheckpointException UNAVAILABLE after the deadline: the save itself goes on
     */
    public SaveStatus watchSave(JobName job, Step step, Duration deadline, Consumer<SaveStatus> listener) {
        WatchRequest request = WatchRequest.newBuilder()
                .setJob(job.value())
                .setStep(step.value())
                .build();
        return new Watching(doors, settings, deadline)
                .untilLast(request, event -> listener.accept(event.getSave()))
                .getSave();
    }

    /** How the save of a step stands now. */
    public SaveStatus saveStatus(JobName job, Step step) {
        WatchRequest request = WatchRequest.newBuilder()
                .setJob(job.value())
                .setStep(step.value())
                .build();
        return new Watching(doors, settings, settings.callDeadline())
                .first(request)
                .getSave();
    }

    /**
     * Has the workers verify a checkpoint, and follows it to the end. A coordinator that lost the request when it was
     * replaced is asked again under the same request id.
     *
     * @param ranks empty: all
     * @param deadline of the whole wait
     * @param listener told every state, in this thread
     * @throws CheckpointException NOT_FOUND if there is no such checkpoint; UNAVAILABLE after the deadline
     */
    public VerificationStatus verify(
            JobName job,
            Step step,
            VerifyDepth depth,
            RankSet ranks,
            Duration deadline,
            Consumer<VerificationStatus> listener) {
        VerifyRequest request = VerifyRequest.newBuilder()
                .setJob(job.value())
                .setStep(step.value())
                .setRequestId("cli-" + Nonce.random().value())
                .setDepth(depth.toString())
                .setRanks(ranks.toString())
                .build();
        Watching watching = new Watching(doors, settings, deadline);
        while (true) {
            VerificationStatus begun = watching.retrying(
                    () -> doors.call(stub -> stub.verify(request)).getVerification());
            listener.accept(begun);
            if (!begun.getRunning()) {
                return begun;
            }
            try {
                return watching.untilLast(watchOf(request), event -> listener.accept(event.getVerification()))
                        .getVerification();
            } catch (CheckpointException failure) {
                if (failure.kind() != FailureKind.NOT_FOUND) {
                    throw failure;
                }
                watching.pause(failure);
            }
        }
    }

    private static WatchRequest watchOf(VerifyRequest request) {
        return WatchRequest.newBuilder()
                .setJob(request.getJob())
                .setVerification(VerificationTarget.newBuilder()
                        .setStep(request.getStep())
                        .setRequestId(request.getRequestId()))
                .build();
    }

    /**
     * Follows a job-wide load to its decision.
     *
     * @param ordinal number of the load call within the run, from 0
     */
    public LoadStatus watchLoad(
            JobName job, RunNumber run, long ordinal, Duration deadline, Consumer<LoadStatus> listener) {
        WatchRequest request = WatchRequest.newBuilder()
                .setJob(job.value())
                .setLoad(LoadTarget.newBuilder().setRun(run.value()).setOrdinal(ordinal))
                .build();
        return new Watching(doors, settings, deadline)
                .untilLast(request, event -> listener.accept(event.getLoad()))
                .getLoad();
    }

    /**
     * The checkpoint that a restore should read, and each newer one that was passed over.
     *
     * @param selector {@code latest}, {@code latest-verified} or a step
     */
    public RestoreReply restorePlan(JobName job, String selector) {
        RestoreRequest request = RestoreRequest.newBuilder()
                .setJob(job.value())
                .setSelector(selector)
                .build();
        return doors.call(stub -> stub.restore(request));
    }

    /** One checkpoint in detail, with every shard when {@code shards} is set. */
    public CheckpointInfo get(JobName job, Step step, boolean shards) {
        GetRequest request = GetRequest.newBuilder()
                .setJob(job.value())
                .setStep(step.value())
                .setShards(shards)
                .build();
        return doors.call(stub -> stub.get(request));
    }

    /** The names of all jobs. */
    public List<String> jobs() {
        return pages("").stream().flatMap(page -> page.getJobsList().stream()).toList();
    }

    /** All checkpoints of a job, newest step first. */
    public List<CheckpointInfo> list(JobName job) {
        return pages(job.value()).stream()
                .flatMap(page -> page.getCheckpointsList().stream())
                .toList();
    }

    private List<ListReply> pages(String job) {
        List<ListReply> pages = new ArrayList<>();
        Set<String> seen = new HashSet<>();
        String token = "";
        do {
            ListRequest request = ListRequest.newBuilder()
                    .setJob(job)
                    .setPageSize(PAGE_SIZE)
                    .setPageToken(token)
                    .build();
            ListReply page = doors.call(stub -> stub.list(request));
            pages.add(page);
            token = page.getNextPageToken();
            if (!seen.add(token)) {
                throw CheckpointException.unavailable("the listing at " + endpoints() + " does not end: page token '"
                        + token + "' came twice; try again");
            }
        } while (!token.isEmpty());
        return pages;
    }

    /** Aborts the open attempt of a step; the answer is the outcome that is there. */
    public SaveStatus cancel(JobName job, Step step) {
        CancelRequest request = CancelRequest.newBuilder()
                .setJob(job.value())
                .setStep(step.value())
                .build();
        return doors.call(stub -> stub.cancel(request)).getSave();
    }

    /** The workers that are members of the cluster now. */
    public List<WorkerInfo> listWorkers() {
        return doors.call(stub -> stub.listWorkers(ListWorkersRequest.getDefaultInstance()))
                .getWorkersList();
    }

    /** Ends all calls and connections. */
    @Override
    public void close() {
        doors.close();
    }
}
