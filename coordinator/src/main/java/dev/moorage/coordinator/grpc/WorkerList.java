package dev.moorage.coordinator.grpc;

import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToWorker;
import dev.moorage.protocol.cluster.WorkerCommand;
import dev.moorage.protocol.grpc.WireViews;
import dev.moorage.protocol.v1.ListWorkersReply;
import dev.moorage.protocol.v1.WorkerInfo;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.receptionist.Receptionist;

/** Who the workers of the cluster are, by their own word. One that does not answer in time is left out. */
final class WorkerList {
    private static final Duration PATIENCE = Duration.ofSeconds(2);

    private final ActorSystem<?> system;

    WorkerList(ActorSystem<?> system) {
        this.system = system;
    }

    CompletionStage<ListWorkersReply> all() {
        return AskPattern.<Receptionist.Command, Receptionist.Listing>ask(
                        system.receptionist(),
                        replyTo -> Receptionist.find(WorkerCommand.WORKERS, replyTo),
                        PATIENCE,
                        system.scheduler())
                .thenCompose(listing -> describe(listing.getServiceInstances(WorkerCommand.WORKERS)));
    }

    private CompletionStage<ListWorkersReply> describe(Iterable<ActorRef<ToWorker>> workers) {
        List<CompletableFuture<Optional<WorkerInfo>>> answers = new ArrayList<>();
        workers.forEach(worker -> answers.add(describe(worker)));
        return CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                .thenApply(all -> ListWorkersReply.newBuilder()
                        .addAllWorkers(answers.stream()
                                .flatMap(answer -> answer.join().stream())
                                .sorted(Comparator.comparing(WorkerInfo::getWorker))
                                .toList())
                        .build());
    }

    private CompletableFuture<Optional<WorkerInfo>> describe(ActorRef<ToWorker> worker) {
        return AskPattern.<ToWorker, Answer>ask(worker, ToWorker.DescribeAsked::new, PATIENCE, system.scheduler())
                .handle((answer, failure) -> answer instanceof Answer.WorkerView view
                        ? Optional.of(WireViews.toProto(view))
                        : Optional.<WorkerInfo>empty())
                .toCompletableFuture();
    }
}
