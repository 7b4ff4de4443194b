package dev.moorage.node;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.cluster.WorkerCommand;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.receptionist.Receptionist;

/** The workers that this node knows of. It hears of them a moment after they have started, even of those in its own process. */
final class ListedWorkers {
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final long PAUSE_MILLIS = 20;

    private ListedWorkers() {}

    /**
     * Waits until there are that many.
     *
     * @throws CheckpointException UNAVAILABLE after the deadline
     */
    static void await(ActorSystem<?> system, int count, Duration deadline) {
        long end = System.nanoTime() + deadline.toNanos();
        while (known(system) < count) {
            if (System.nanoTime() > end) {
                throw CheckpointException.unavailable("only " + known(system) + " of " + count
                        + " workers were known after " + deadline.toSeconds() + " s; is this host overloaded?");
            }
            try {
                Thread.sleep(PAUSE_MILLIS);
            } catch (InterruptedException interrupted) {
                Thread.currentThread().interrupt();
                throw CheckpointException.unavailable("interrupted while the workers started");
            }
        }
    }

    private static int known(ActorSystem<?> system) {
        try {
            return AskPattern.<Receptionist.Command, Receptionist.Listing>ask(
                            system.receptionist(),
                            replyTo -> Receptionist.find(WorkerCommand.WORKERS, replyTo),
                            PATIENCE,
                            system.scheduler())
                    .toCompletableFuture()
                    .join()
                    .getServiceInstances(WorkerCommand.WORKERS)
                    .size();
        } catch (CompletionException noAnswer) {
            return 0;
        }
    }
}
