package dev.moorage.simulation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;

/** Virtual time, what is still to happen, and a log of what has happened. */
final class Timeline {
    private static final int LINES_KEPT = Integer.getInteger("simulation.lines", 150);

    private record Due(long millis, long number, Runnable action) implements Comparable<Due> {
        @Override
        public int compareTo(Due other) {
            return millis == other.millis ? Long.compare(number, other.number) : Long.compare(millis, other.millis);
        }
    }

    private final PriorityQueue<Due> queue = new PriorityQueue<>();
    private final Deque<String> lines = new ArrayDeque<>();
    private final Thread thread = Thread.currentThread();
    private long numbered;
    private long now;
    private long hash;
    private long events;
    private int depth;
    private Throwable failure;

    long now() {
        return now;
    }

    /** Whether the caller is the simulation itself and not a lane that reads for it. */
    boolean isHere() {
        return Thread.currentThread() == thread;
    }

    /** How many blocking calls wait below this one. */
    int depth() {
        return depth;
    }

    /** What happens once so many milliseconds have passed. */
    void after(long millis, Runnable action) {
        queue.add(new Due(now + Math.max(0, millis), numbered++, action));
    }

    /** Lets everything happen that is due by then. Also from within an action: a blocking call during which others go on. */
    void runUntil(long millis) {
        depth++;
        try {
            while (!queue.isEmpty() && queue.peek().millis() <= millis) {
                Due due = queue.poll();
                now = Math.max(now, due.millis());
                events++;
                act(due.action());
            }
            now = Math.max(now, millis);
        } finally {
            depth--;
        }
    }

    private void act(Runnable action) {
        try {
            action.run();
        } catch (Crashed dead) {
            // Its process is gone, and with it whatever the action was to do next.
            log(dead.getMessage());
        } catch (RuntimeException | Error broken) {
            if (failure == null) {
                failure = broken;
            }
        }
        if (failure instanceof Violation broken) {
            throw broken;
        } else if (failure != null) {
            throw new AssertionError("an event failed: " + failure, failure);
        }
    }

    /** Notes a rule that was broken where the caller may swallow what is thrown. */
    Violation broken(String rule, String what) {
        Violation broken = new Violation(rule, what);
        if (failure == null) {
            failure = broken;
        }
        return broken;
    }

    void log(String line) {
        String timed = now + " " + line;
        hash = hash * 1_000_003 + timed.hashCode();
        keep(timed);
    }

    /** For people only: may hold what is random. */
    void note(String line) {
        keep(now + " " + line);
    }

    private void keep(String line) {
        lines.add(line);
        if (lines.size() > LINES_KEPT) {
            lines.remove();
        }
    }

    long hash() {
        return hash;
    }

    long events() {
        return events;
    }

    /** The last lines of the log. */
    List<String> lines() {
        return List.copyOf(lines);
    }
}
