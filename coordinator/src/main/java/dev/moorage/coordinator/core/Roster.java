package dev.moorage.coordinator.core;

import dev.moorage.protocol.Incarnation;
import dev.moorage.protocol.WorkerId;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Which workers have proved that they see the store, in which life, and when each was last heard. */
final class Roster {
    private static final int REPLACED_MAX = 1_000;

    private final Map<WorkerId, Member> members = new TreeMap<>();
    private final Map<Incarnation, WorkerId> byIncarnation = new HashMap<>();
    private final Set<Incarnation> replaced = new LinkedHashSet<>();

    /**
     * A worker.
     *
     * @param heardMillis when its last message came
     */
    record Member(WorkerId worker, Incarnation incarnation, String host, long heardMillis) {
        @Override
        public String toString() {
            return "worker " + worker + " on " + host;
        }
    }

    /** Takes a worker in; answers the life that it replaces. */
    Optional<Incarnation> join(WorkerId worker, Incarnation incarnation, String host, long now) {
        Member before = members.put(worker, new Member(worker, incarnation, host, now));
        byIncarnation.put(incarnation, worker);
        if (before == null || before.incarnation().equals(incarnation)) {
            return Optional.empty();
        }
        byIncarnation.remove(before.incarnation());
        replace(before.incarnation());
        return Optional.of(before.incarnation());
    }

    /** Notes that a newer life of the same worker has registered. */
    void replace(Incarnation older) {
        replaced.add(older);
        if (replaced.size() > REPLACED_MAX) {
            replaced.remove(replaced.iterator().next());
        }
    }

    /** Notes a sign of life; false if this life is not registered. */
    boolean hear(WorkerId worker, Incarnation incarnation, long now) {
        Member member = members.get(worker);
        if (member == null || !member.incarnation().equals(incarnation)) {
            return false;
        }
        members.put(worker, new Member(worker, incarnation, member.host(), now));
        return true;
    }

    /** Whether a newer life of the same worker has registered since. */
    boolean isReplaced(Incarnation incarnation) {
        return replaced.contains(incarnation);
    }

    /** Whether this life is registered and was heard lately. */
    boolean isLive(Incarnation incarnation, long now, long lostMillis) {
        return Optional.ofNullable(byIncarnation.get(incarnation))
                .map(members::get)
                .filter(member -> now - member.heardMillis() < lostMillis)
                .isPresent();
    }

    /** Whether the incarnation is registered, heard lately or not. */
    boolean isKnown(Incarnation incarnation) {
        return byIncarnation.containsKey(incarnation);
    }

    Optional<Member> member(WorkerId worker) {
        return Optional.ofNullable(members.get(worker));
    }

    /** All that were heard lately, by name. */
    List<Member> live(long now, long lostMillis) {
        return members.values().stream()
                .filter(member -> now - member.heardMillis() < lostMillis)
                .toList();
    }

    Collection<Member> all() {
        return members.values();
    }

    /** Drops whoever has been silent for this long; answers their lives. */
    List<Incarnation> forget(long now, long silentMillis) {
        List<Incarnation> gone = new ArrayList<>();
        members.values().removeIf(member -> {
            boolean silent = now - member.heardMillis() >= silentMillis;
            if (silent) {
                byIncarnation.remove(member.incarnation());
                gone.add(member.incarnation());
            }
            return silent;
        });
        return gone;
    }
}
