package dev.moorage.coordinator.core;

import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.RunNumber;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToCoordinator.FromWorker;
import dev.moorage.protocol.cluster.ToCoordinator.Progressed;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;

/**
 * All decisions of one job's coordinator: events go in, effects come out.
 *
 * <p>It starts by claiming the next epoch of the job-state log and by looking for open attempts; what it hears before that
 * waits. Two machines of one job may be at work at once: each decision is one create-if-absent on the store, so they do
 * double work and no harm.
 */
public final class JobMachine {
    private static final int OPEN_STEPS_MAX = 2;
    private static final int KEPT_MAX = 64;

    private final JobContext job;
    private final JobLog log;
    private final Registrations registrations;
    private final Verifications verifications;
    private final Loads loads;
    private final SortedMap<Step, SaveMachine> saves = new TreeMap<>();
    private final EarlyEvents early;
    private final List<Retry> retries = new ArrayList<>();
    private boolean ready;
    private long busyMillis;
    private long claimedMillis;
    private long dropped;

    private record Retry(StoreOperation operation, long dueMillis) {}

    /** @param owner for people: which node; stays in the log */
    public JobMachine(JobName name, String owner, Timings timings, Marks marks) {
        this.job = new JobContext(name, timings, marks);
        this.log = new JobLog(job, owner);
        this.registrations = new Registrations(job);
        this.verifications = new Verifications(job);
        this.loads = new Loads(job);
        this.early = new EarlyEvents(job);
    }

    /** Takes the job over. Called once, before any event. */
    public List<Effect> start(long nowMillis) {
        job.now(nowMillis);
        busyMillis = nowMillis;
        claimedMillis = nowMillis;
        log.claim();
        return job.drain();
    }

    /**
     * Takes an event.
     *
     * @param nowMillis of a clock that never goes back
     * @return what is to be done, in order
     */
    public List<Effect> on(JobEvent event, long nowMillis) {
        job.now(nowMillis);
        if (!ready && (event instanceof JobEvent.Heard || event instanceof JobEvent.Asked)) {
            early.add(event);
        } else {
            handle(event);
        }
        pump();
        return job.drain();
    }

    /** Messages of workers that were not registered or of an epoch before: counted, and nothing else. */
    public long dropped() {
        return dropped;
    }

    /** Whether nothing is open, and no worker was there for a while: it may stop and be started again when needed. */
    public boolean isIdle(long nowMillis) {
        return nowMillis - busyMillis >= job.timings.idleMillis();
    }

    private void handle(JobEvent event) {
        if (event instanceof JobEvent.Heard heard) {
            hear(heard.message());
        } else if (event instanceof JobEvent.Asked asked) {
            busyMillis = job.now();
            answer(asked.ticket(), asked.question());
        } else if (event instanceof JobEvent.Stored stored) {
            stored(stored.operation(), stored.result());
        } else {
            tick();
        }
    }

    private void hear(FromWorker message) {
        if (message instanceof ToCoordinator.Register register) {
            if (registrations.register(register)) {
                repeatOrders(register.incarnation());
            }
        } else if (message instanceof ToCoordinator.ChallengeAnswered answered) {
            registrations.answered(answered);
        } else if (!job.roster.hear(message.worker(), message.incarnation(), job.now())) {
            dropped++;
        } else if (message instanceof ToCoordinator.OpenRun open) {
            log.openRun(open);
        } else if (message instanceof ToCoordinator.RankStaged staged) {
            rankStaged(staged);
        } else if (message instanceof ToCoordinator.StagingSkipped skipped) {
            save(skipped.step()).stagingSkipped(skipped);
        } else if (message instanceof ToCoordinator.PartDone done) {
            save(done.attempt().step()).partDone(done);
        } else if (message instanceof ToCoordinator.LoadAsked asked) {
            ifNotAhead(asked.run(), () -> loads.asked(asked));
        } else if (message instanceof ToCoordinator.LoadPrepared prepared) {
            loads.prepared(prepared);
        } else {
            hearOfThisEpoch(message);
        }
    }

    private void hearOfThisEpoch(FromWorker message) {
        if (message instanceof Progressed progressed && progressed.epoch().equals(job.epoch())) {
            progressed.parts().forEach(part -> progress(message.incarnation(), part));
        } else if (message instanceof ToCoordinator.PartFailed failed
                && failed.epoch().equals(job.epoch())) {
            save(failed.attempt().step()).partFailed(failed);
        } else if (message instanceof ToCoordinator.ShardsChecked checked
                && checked.epoch().equals(job.epoch())) {
            verifications.checked(checked);
        } else {
            dropped++;
            if (message instanceof Progressed progressed && progressed.epoch().compareTo(job.epoch()) > 0) {
                overtaken();
            }
        }
    }

    /**
     * Workers follow a newer coordinator. Whoever is heard here and not there may have nobody else, so the job is claimed
     * again; not often, as two coordinators that both live would do nothing else.
     */
    private void overtaken() {
        if (job.now() - claimedMillis >= job.timings.lostMillis()) {
            claimedMillis = job.now();
            log.claim();
        }
    }

    private void progress(Incarnation from, ToCoordinator.PartProgress part) {
        switch (part.phase()) {
            case UPLOAD ->
                Optional.ofNullable(saves.get(part.attempt().step()))
                        .flatMap(save -> save.driven(part.attempt()))
                        .ifPresent(attempt -> attempt.progress(from, part));
            case CHECK -> verifications.progress(from, part);
        }
    }

    private void rankStaged(ToCoordinator.RankStaged staged) {
        boolean known = job.runs()
                .of(staged.run())
                .filter(run -> run.worldSize().contains(staged.rank()))
                .isPresent();
        ifNotAhead(staged.run(), () -> {
            if (known) {
                save(staged.step()).rankStaged(staged);
            } else {
                dropped++;
            }
        });
    }

    /** A run that this coordinator has not read of: the log has gone on without it, so it reads it again. */
    private void ifNotAhead(RunNumber run, Runnable action) {
        if (job.runs().isAhead(run)) {
            log.claim();
        } else {
            action.run();
        }
    }

    private void answer(long ticket, ToCoordinator.Question question) {
        if (question instanceof ToCoordinator.SaveAsked asked) {
            save(asked.step()).save(ticket, asked);
        } else if (question instanceof ToCoordinator.CancelAsked asked) {
            save(asked.step()).cancel(ticket);
        } else if (question instanceof ToCoordinator.SaveViewAsked asked) {
            save(asked.step()).view(ticket);
        } else if (question instanceof ToCoordinator.VerifyAsked asked) {
            verifications.ask(ticket, asked);
        } else if (question instanceof ToCoordinator.VerificationViewAsked asked) {
            verifications.view(ticket, asked);
        } else if (question instanceof ToCoordinator.LoadViewAsked asked) {
            loads.view(ticket, asked);
        }
    }

    private SaveMachine save(Step step) {
        SaveMachine known = saves.get(step);
        if (known == null) {
            trim();
            known = new SaveMachine(job, new CheckpointId(job.job, step), verifications);
            saves.put(step, known);
        }
        return known;
    }

    private void trim() {
        Iterator<SaveMachine> oldest = saves.values().iterator();
        while (saves.size() >= KEPT_MAX && oldest.hasNext()) {
            if (oldest.next().isForgettable()) {
                oldest.remove();
            }
        }
    }

    private void repeatOrders(Incarnation incarnation) {
        eachAttempt(attempt -> attempt.registered(incarnation));
        verifications.registered(incarnation);
        loads.registered(incarnation);
    }

    private void eachAttempt(Consumer<AttemptMachine> action) {
        saves.values().forEach(save -> save.attempt().ifPresent(action));
    }

    private void stored(StoreOperation operation, StoreResult result) {
        if (operation instanceof StoreOperation.OfLog of) {
            storedOfLog(of, result);
        } else if (operation instanceof StoreOperation.OfRegistration of) {
            registrations.stored(of, result).ifPresent(member -> repeatOrders(member.incarnation()));
        } else if (operation instanceof StoreOperation.OfSave of) {
            Optional.ofNullable(saves.get(of.checkpoint().step())).ifPresent(save -> save.stored(operation, result));
        } else if (operation instanceof StoreOperation.OfVerification of) {
            verifications.stored(of, result);
        } else if (operation instanceof StoreOperation.OfLoad of) {
            loads.stored(of, result);
        }
        if (result instanceof StoreResult.Failed failed) {
            job.note("job " + job.job, "the store: " + failed.reason());
            retry(operation, failed);
        }
    }

    /**
     * What only time can mend is tried again soon. What somebody must put right is looked at again by and by, where nothing else
     * can be done: without its log a coordinator cannot do anything, and nobody but its register knows an attempt's outcome.
     */
    private void retry(StoreOperation operation, StoreResult.Failed failed) {
        if (failed.isPassing()) {
            retries.add(new Retry(operation, job.now() + job.timings.retryMillis()));
        } else if (operation instanceof StoreOperation.OfLog || operation instanceof StoreOperation.Close) {
            retries.add(new Retry(operation, job.now() + job.timings.lostMillis()));
        }
    }

    private void storedOfLog(StoreOperation.OfLog operation, StoreResult result) {
        if (result instanceof StoreResult.Failed failed) {
            early.failed(failed);
            log.failed(failed);
            if (!failed.isPassing()) {
                loads.logBroken(failed);
            }
            return;
        }
        early.mended();
        log.mended();
        if (result instanceof StoreResult.OpenSteps open) {
            open.steps().forEach(checkpoint -> save(checkpoint.step()));
            ready = true;
            early.drain(this::handle);
        } else {
            changed(log.stored(operation, result));
        }
    }

    private void changed(JobLog.Change change) {
        if (change == JobLog.Change.CLAIMED && !ready) {
            job.perform(new StoreOperation.FindOpen());
        } else if (change == JobLog.Change.CLAIMED) {
            eachAttempt(AttemptMachine::epochRaised);
            verifications.epochRaised();
            loads.epochRaised();
        }
        if (change == JobLog.Change.CLAIMED || change == JobLog.Change.RUN) {
            saves.values().forEach(SaveMachine::runOpened);
        }
        if (change != JobLog.Change.NONE) {
            loads.logChanged();
        }
    }

    private boolean isWanted(StoreOperation operation) {
        if (operation instanceof StoreOperation.FindOpen) {
            return !ready;
        } else if (operation instanceof StoreOperation.OfLog) {
            return log.awaits(operation);
        } else if (operation instanceof StoreOperation.OfRegistration of) {
            return registrations.awaits(of);
        } else if (operation instanceof StoreOperation.OfSave of) {
            return Optional.ofNullable(saves.get(of.checkpoint().step()))
                    .filter(save -> save.awaits(operation))
                    .isPresent();
        } else if (operation instanceof StoreOperation.OfVerification of) {
            return verifications.awaits(of);
        }
        return operation instanceof StoreOperation.OfLoad of && loads.awaits(of);
    }

    private void tick() {
        for (Iterator<Retry> due = retries.iterator(); due.hasNext(); ) {
            Retry retry = due.next();
            if (retry.dueMillis() <= job.now()) {
                due.remove();
                if (isWanted(retry.operation())) {
                    job.perform(retry.operation());
                }
            }
        }
        registrations.tick();
        job.roster.forget(job.now(), 4 * job.timings.returnMillis()).forEach(job::forget);
        List.copyOf(saves.values()).forEach(SaveMachine::tick);
        loads.tick();
    }

    private void pump() {
        if (!ready) {
            return;
        }
        long open = saves.values().stream().filter(SaveMachine::isOpen).count();
        for (SaveMachine save : List.copyOf(saves.values())) {
            if (open < OPEN_STEPS_MAX && save.isReady()) {
                save.open();
                open += save.isOpen() ? 1 : 0;
            } else if (save.isReady()) {
                save.waitForPlace();
            }
        }
        verifications.pump();
        log.pump(loads.wantLogged());
        boolean work = open > 0 || !verifications.isIdle() || !loads.isIdle() || !log.isIdle();
        if (work || !job.live().isEmpty() || saves.values().stream().anyMatch(save -> !save.isAtRest())) {
            busyMillis = job.now();
        }
    }
}
