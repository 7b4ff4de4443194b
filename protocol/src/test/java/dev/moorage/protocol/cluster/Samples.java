package dev.moorage.protocol.cluster;

import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.CheckpointState;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.PartNumber;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RankSet;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerificationStatus;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.WorldSize;
import dev.moorage.protocol.record.Finding;
import dev.moorage.protocol.record.PartRef;
import dev.moorage.protocol.record.PlannedShard;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.stream.Stream;
import org.apache.pekko.actor.typed.ActorRef;

/** At least one of each message; where something is optional, one with and one without. */
final class Samples {
    static final JobName JOB = new JobName("llama-7b");
    static final Step STEP = new Step(Long.MAX_VALUE);
    static final AttemptId ATTEMPT = new CheckpointId(JOB, STEP).attempt(3);
    static final RunNumber RUN = new RunNumber(2);
    static final Epoch EPOCH = new Epoch(7);
    static final Rank RANK = new Rank(5);
    static final PartNumber PART = new PartNumber(0);
    static final WorkerId WORKER = new WorkerId("host-1");
    static final Incarnation LIFE = new Incarnation("0123456789abcdef0123456789abcdef");
    static final Crc32c SUM = new Crc32c(0xdeadbeef);
    static final RankSet RANKS = RankSet.parse("0-3,7");
    static final ShardId REPLICATED = new ShardId(new Rank(0), ShardKind.REPLICATED);
    static final PartRef REF = new PartRef(PART, 1L << 40, SUM, RANKS, RankSet.EMPTY);
    static final List<Finding> FINDINGS = List.of(
            new Finding(ShardId.own(3), VerdictResult.CORRUPT, OptionalInt.of(0), "expected 1, was 2"),
            new Finding(REPLICATED, VerdictResult.INCOMPLETE, OptionalInt.empty(), "no answer\nfrom the store ☂"));

    private Samples() {}

    static List<ClusterMessage> all(ActorRef<ToWorker> worker, ActorRef<Answer> asker) {
        return Stream.of(fromWorkers(worker), loads(), questions(asker), toWorkers(asker), answers())
                .flatMap(samples -> samples)
                .toList();
    }

    private static Stream<ClusterMessage> fromWorkers(ActorRef<ToWorker> worker) {
        return Stream.of(
                new ToCoordinator.Register(JOB, WORKER, LIFE, "node-17", Optional.of(RUN), worker),
                new ToCoordinator.Register(JOB, WORKER, LIFE, "", Optional.empty(), worker),
                new ToCoordinator.ChallengeAnswered(JOB, WORKER, LIFE, "c1"),
                new ToCoordinator.OpenRun(JOB, WORKER, LIFE, new RunToken("slurm:17.0"), new WorldSize(1_000_000)),
                new ToCoordinator.RankStaged(
                        JOB,
                        RUN,
                        STEP,
                        WORKER,
                        LIFE,
                        RANK,
                        Optional.of(Codec.zstd(22)),
                        Optional.of(new VerifyDepth(VerifyDepth.Kind.SAMPLE, 0.1)),
                        Map.of("loss", "0.25", "", ""),
                        List.of(
                                staged(ShardKind.OWN, Optional.empty()),
                                staged(ShardKind.REPLICATED, Optional.of("dp-0")))),
                new ToCoordinator.RankStaged(
                        JOB,
                        RUN,
                        new Step(0),
                        WORKER,
                        LIFE,
                        RANK,
                        Optional.empty(),
                        Optional.empty(),
                        Map.of(),
                        List.of(staged(ShardKind.REPLICATED, Optional.of("")))),
                new ToCoordinator.StagingSkipped(JOB, RUN, STEP, WORKER, LIFE, RANK, "no room"),
                new ToCoordinator.Progressed(
                        JOB,
                        WORKER,
                        LIFE,
                        EPOCH,
                        Stream.of(ToCoordinator.Phase.values())
                                .map(phase -> new ToCoordinator.PartProgress(ATTEMPT, phase, PART, 2, 1))
                                .toList()),
                new ToCoordinator.PartDone(ATTEMPT, RUN, EPOCH, WORKER, LIFE, PART),
                new ToCoordinator.PartFailed(ATTEMPT, RUN, EPOCH, WORKER, LIFE, PART, true, "rank 5: disk full"),
                new ToCoordinator.ShardsChecked(
                        ATTEMPT, EPOCH, "r", WORKER, LIFE, PART, VerdictResult.CORRUPT, 8, 9, "all bytes", FINDINGS),
                new ToCoordinator.ShardsChecked(
                        ATTEMPT, EPOCH, "r", WORKER, LIFE, PART, VerdictResult.GOOD, 8, 0, "size only", List.of()));
    }

    private static Stream<ClusterMessage> loads() {
        return Stream.of(
                new ToCoordinator.LoadAsked(JOB, RUN, 0, RANK, Optional.empty(), WORKER, LIFE, "latest-verified"),
                new ToCoordinator.LoadAsked(JOB, RUN, 0, RANK, Optional.of("dp0"), WORKER, LIFE, "6"),
                new ToCoordinator.LoadPrepared(JOB, RUN, 1, STEP, RANK, WORKER, LIFE, Optional.empty(), ""),
                new ToCoordinator.LoadPrepared(
                        JOB, RUN, 1, STEP, RANK, WORKER, LIFE, Optional.of(FailureKind.CORRUPT), "chunk 3"));
    }

    static ToCoordinator.StagedShard staged(ShardKind kind, Optional<String> group) {
        return new ToCoordinator.StagedShard(kind, group, ShardFormat.OPAQUE, 1L << 40, SUM);
    }

    private static Stream<ClusterMessage> questions(ActorRef<Answer> asker) {
        return Stream.of(
                new ToCoordinator.Wake(JOB),
                new ToCoordinator.SaveAsked(
                        JOB, STEP, Optional.of(Codec.NONE), Optional.of(VerifyDepth.NONE), Map.of("a", "b"), asker),
                new ToCoordinator.SaveAsked(JOB, STEP, Optional.empty(), Optional.empty(), Map.of(), asker),
                new ToCoordinator.CancelAsked(JOB, STEP, asker),
                new ToCoordinator.SaveViewAsked(JOB, STEP, asker),
                new ToCoordinator.VerifyAsked(JOB, STEP, "r1", VerifyDepth.FULL, Optional.of(RANKS), asker),
                new ToCoordinator.VerifyAsked(JOB, STEP, "r1", VerifyDepth.FULL, Optional.of(RankSet.EMPTY), asker),
                new ToCoordinator.VerifyAsked(JOB, STEP, "r1", VerifyDepth.ATTEST, Optional.empty(), asker),
                new ToCoordinator.VerificationViewAsked(JOB, STEP, "r1", asker),
                new ToCoordinator.LoadViewAsked(JOB, RUN, 0, asker));
    }

    private static Stream<ClusterMessage> toWorkers(ActorRef<Answer> asker) {
        PlannedShard planned = new PlannedShard(ShardId.own(1), ShardFormat.SAFETENSORS, 0, Crc32c.EMPTY);
        return Stream.of(
                new ToWorker.Challenge(JOB, LIFE, "c1"),
                new ToWorker.Registered(JOB, EPOCH, LIFE),
                new ToWorker.RegistrationRefused(JOB, LIFE, FailureKind.CORRUPT, "entry 3 is missing"),
                new ToWorker.Invite(JOB),
                new ToWorker.StagingEnded(JOB, RUN, new Step(7), EPOCH, "rank 3 is missing"),
                new ToWorker.RunOpened(JOB, new RunToken("t"), RUN),
                new ToWorker.RunRefused(JOB, new RunToken("t"), FailureKind.INVALID, "superseded by run 3"),
                new ToWorker.AssignPart(ATTEMPT, RUN, EPOCH, PART, Codec.DEFAULT, List.of(planned)),
                new ToWorker.OutcomeTold(ATTEMPT, RUN, EPOCH, true, ""),
                new ToWorker.OutcomeTold(ATTEMPT, RUN, EPOCH, false, "rank 3 is missing"),
                new ToWorker.CheckShards(
                        ATTEMPT, EPOCH, "r", REF, List.of(REPLICATED, ShardId.own(1)), VerifyDepth.FULL, -1),
                new ToWorker.PrepareLoad(
                        JOB, RUN, 0, RANK, EPOCH, ATTEMPT, List.of(new ToWorker.ShardToLoad(REF, ShardId.own(5)))),
                new ToWorker.LoadDecided(JOB, RUN, 0, RANK, EPOCH, Optional.of(new Step(0)), Optional.empty(), ""),
                new ToWorker.LoadDecided(
                        JOB, RUN, 0, RANK, EPOCH, Optional.empty(), Optional.of(FailureKind.NOT_FOUND), "none"),
                new ToWorker.DescribeAsked(asker));
    }

    private static Stream<ClusterMessage> answers() {
        return Stream.of(
                new Answer.Refused(FailureKind.IN_DOUBT, "no answer from the store"),
                save(Optional.empty()),
                save(Optional.of(verification(Optional.of(VerdictResult.CORRUPT)))),
                verification(Optional.empty()),
                new Answer.LoadView(
                        JOB, RUN, 0, Optional.empty(), RANKS, RankSet.EMPTY, 0, false, Optional.empty(), ""),
                new Answer.LoadView(
                        JOB,
                        RUN,
                        0,
                        Optional.of(new Step(0)),
                        RANKS,
                        RANKS,
                        5,
                        true,
                        Optional.of(FailureKind.INVALID),
                        "world size"),
                new Answer.WorkerView(WORKER, LIFE, "host", "/run/m.sock", List.of(JOB), 8, 1L << 40, 2L << 40, "0.1"));
    }

    static Answer.SaveView save(Optional<Answer.VerificationView> verification) {
        return new Answer.SaveView(
                JOB,
                STEP,
                CheckpointState.UPLOADING,
                1,
                2,
                8,
                RANKS,
                RankSet.parse("4-6"),
                100,
                50,
                25,
                4,
                2,
                true,
                "waits",
                verification);
    }

    static Answer.VerificationView verification(Optional<VerdictResult> result) {
        return new Answer.VerificationView(
                JOB,
                STEP,
                "r1",
                VerifyDepth.FULL,
                result.isEmpty(),
                100,
                50,
                8,
                4,
                result.isEmpty() ? 0 : 1,
                result,
                true,
                VerificationStatus.ATTESTED,
                result.isEmpty() ? List.of() : FINDINGS);
    }
}
