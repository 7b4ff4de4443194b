package dev.moorage.worker.core;

import dev.moorage.protocol.Epoch;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToWorker;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Verifies what the coordinator asks for, and keeps the answers for when it asks again. */
final class CheckDesk {
    private static final int CHECKS_MAX = 4_096;

    private static final class Work {
        private Epoch epoch;
        private Optional<WorkerEvent.CheckResult> result = Optional.empty();
        private long storedBytes;
        private boolean moved;

        private Work(Epoch epoch) {
            this.epoch = epoch;
        }
    }

    private final Outbox outbox;
    private final Map<WorkerEvent.CheckKey, Work> works = new LinkedHashMap<>();

    CheckDesk(Outbox outbox) {
        this.outbox = outbox;
    }

    void onCheck(ToWorker.CheckShards order) {
        WorkerEvent.CheckKey key = WorkerEvent.CheckKey.of(order);
        Work known = works.get(key);
        if (known != null) {
            known.epoch = order.epoch();
            known.result.ifPresent(result -> say(key, known, result));
            return;
        }
        if (works.size() >= CHECKS_MAX) {
            works.entrySet().stream()
                    .filter(work -> work.getValue().result.isPresent())
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .ifPresent(works::remove);
        }
        if (works.size() < CHECKS_MAX) {
            works.put(key, new Work(order.epoch()));
            outbox.add(new WorkerEffect.StartCheck(order));
        }
    }

    void onMoved(WorkerEvent.CheckMoved event) {
        Work work = works.get(event.check());
        if (work != null) {
            work.moved = work.moved || event.storedBytes() != work.storedBytes;
            work.storedBytes = event.storedBytes();
        }
    }

    void onChecked(WorkerEvent.Checked event) {
        Work work = works.get(event.check());
        if (work != null && work.result.isEmpty()) {
            work.result = Optional.of(event.result());
            say(event.check(), work, event.result());
        }
    }

    private void say(WorkerEvent.CheckKey key, Work work, WorkerEvent.CheckResult result) {
        outbox.send(new ToCoordinator.ShardsChecked(
                key.attempt(),
                work.epoch,
                key.requestId(),
                outbox.worker,
                outbox.incarnation,
                key.part(),
                result.result(),
                result.shards(),
                result.bytesRead(),
                result.proven(),
                result.findings()));
    }

    boolean isWorking(JobName job) {
        return works.entrySet().stream()
                .anyMatch(work -> work.getValue().result.isEmpty()
                        && work.getKey().attempt().job().equals(job));
    }

    List<ToCoordinator.PartProgress> takeProgress(JobName job) {
        List<ToCoordinator.PartProgress> progress = new ArrayList<>();
        works.forEach((key, work) -> {
            if (work.moved && work.result.isEmpty() && key.attempt().job().equals(job)) {
                work.moved = false;
                progress.add(new ToCoordinator.PartProgress(
                        key.attempt(), ToCoordinator.Phase.CHECK, key.part(), 0, work.storedBytes));
            }
        });
        return progress;
    }
}
