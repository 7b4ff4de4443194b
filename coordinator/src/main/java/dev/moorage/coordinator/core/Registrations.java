package dev.moorage.coordinator.core;

import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.cluster.ToCoordinator.ChallengeAnswered;
import dev.moorage.protocol.cluster.ToCoordinator.Register;
import dev.moorage.protocol.cluster.ToWorker;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** How a worker becomes known: it proves, once in each life, that its store is this one. */
final class Registrations {
    private static final int OPEN_MAX = 10_000;

    private final JobContext job;
    private final Map<Incarnation, Candidate> candidates = new LinkedHashMap<>();
    private long numbered;

    /**
     * A worker that is not known yet.
     *
     * @param challenge empty while it is being written
     * @param number in the order of their first registrations
     * @param checking whether its answer is being looked for: looking twice would meet what was removed
     */
    private record Candidate(
            Register register, long number, Optional<String> challenge, boolean checking, long sinceMillis) {
        Candidate with(String issued, boolean looking) {
            return new Candidate(register, number, Optional.of(issued), looking, sinceMillis);
        }

        boolean isEarlierLifeThan(Candidate other) {
            return register.worker().equals(other.register.worker()) && number < other.number;
        }
    }

    Registrations(JobContext job) {
        this.job = job;
    }

    /** Answers whether the worker is known, and was told so. */
    boolean register(Register register) {
        Incarnation incarnation = register.incarnation();
        if (job.roster.isReplaced(incarnation)) {
            refuseReplaced(register);
            return false;
        }
        if (job.roster.hear(register.worker(), incarnation, job.now())) {
            job.tell(incarnation, new ToWorker.Registered(job.job, job.epoch(), incarnation));
            tellSuperseded(register);
            return true;
        }
        Candidate candidate = candidates.get(incarnation);
        if (candidate == null && candidates.size() < OPEN_MAX) {
            candidates.put(incarnation, new Candidate(register, ++numbered, Optional.empty(), false, job.now()));
            job.perform(new StoreOperation.IssueChallenge(incarnation));
        } else if (candidate != null) {
            candidate.challenge().ifPresent(challenge -> challenge(incarnation, challenge));
        }
        return false;
    }

    /** The word that a newer run has opened may have been lost: who still holds ranks of an older one hears it again. */
    private void tellSuperseded(Register register) {
        job.runs()
                .latest()
                .filter(latest -> register.run()
                        .filter(held -> held.compareTo(latest.run()) < 0)
                        .isPresent())
                .ifPresent(latest -> job.tell(
                        register.incarnation(), new ToWorker.RunOpened(job.job, latest.token(), latest.run())));
    }

    private void challenge(Incarnation to, String challenge) {
        job.tell(to, new ToWorker.Challenge(job.job, to, challenge));
    }

    private void refuse(Incarnation to, String reason) {
        job.refuseRegistration(to, FailureKind.INVALID, reason);
    }

    private void refuseReplaced(Register register) {
        refuse(register.incarnation(), "a newer process of worker " + register.worker() + " has registered");
    }

    /** Two lives of a worker may be challenged at once: whichever answers last must not replace the newer one. */
    private void refuseEarlierLives(Candidate joining) {
        candidates.values().stream()
                .filter(other -> other.isEarlierLifeThan(joining))
                .map(Candidate::register)
                .toList()
                .forEach(earlier -> {
                    candidates.remove(earlier.incarnation());
                    job.roster.replace(earlier.incarnation());
                    refuseReplaced(earlier);
                });
    }

    void answered(ChallengeAnswered answered) {
        Candidate candidate = candidates.get(answered.incarnation());
        if (candidate != null
                && !candidate.checking()
                && candidate.challenge().filter(answered.challenge()::equals).isPresent()) {
            candidates.put(answered.incarnation(), candidate.with(answered.challenge(), true));
            job.perform(new StoreOperation.CheckChallenge(answered.incarnation(), answered.challenge()));
        }
    }

    boolean awaits(StoreOperation.OfRegistration operation) {
        return candidates.containsKey(operation.incarnation());
    }

    /** Takes a store's answer; whoever is known now. */
    Optional<Roster.Member> stored(StoreOperation.OfRegistration operation, StoreResult result) {
        Incarnation incarnation = operation.incarnation();
        Candidate candidate = candidates.get(incarnation);
        if (candidate == null) {
            return Optional.empty();
        }
        if (result instanceof StoreResult.ChallengeIssued issued) {
            candidates.put(incarnation, candidate.with(issued.challenge(), false));
            challenge(incarnation, issued.challenge());
        } else if (result instanceof StoreResult.ChallengeChecked checked) {
            candidates.remove(incarnation);
            if (checked.answered()) {
                refuseEarlierLives(candidate);
                return Optional.of(join(candidate.register()));
            }
            refuse(
                    incarnation,
                    "its answer is not on the store of job " + job.job
                            + ": both must open the same store, with the same URI root");
        } else if (result instanceof StoreResult.Failed) {
            job.note("job " + job.job, "worker " + candidate.register().worker() + " waits for the store");
        }
        return Optional.empty();
    }

    private Roster.Member join(Register register) {
        job.roster
                .join(register.worker(), register.incarnation(), register.host(), job.now())
                .ifPresent(job::forget);
        Roster.Member member = job.roster.member(register.worker()).orElseThrow();
        job.note("job " + job.job, member + " registered");
        job.tell(member.incarnation(), new ToWorker.Registered(job.job, job.epoch(), member.incarnation()));
        tellSuperseded(register);
        return member;
    }

    /** Drops those that never answered. */
    void tick() {
        Iterator<Map.Entry<Incarnation, Candidate>> entries =
                candidates.entrySet().iterator();
        while (entries.hasNext()) {
            Map.Entry<Incarnation, Candidate> entry = entries.next();
            if (job.now() - entry.getValue().sinceMillis() >= job.timings.returnMillis()) {
                entries.remove();
                job.forget(entry.getKey());
            }
        }
    }
}
