package dev.moorage.storage;

import dev.moorage.storage.FaultyStore.Hook;
import dev.moorage.storage.FaultyStore.Operation;
import java.util.concurrent.atomic.AtomicInteger;

/** One thing that goes wrong in a {@link FaultyStore}, a number of times. */
final class Fault {
    /** What goes wrong. */
    enum Kind {
        HOOK,
        LOSE_REQUEST,
        LOSE_ANSWER,
        TRUNCATE,
        FLIP
    }

    private final Kind kind;
    private final Operation operation;
    private final String keyPart;
    private final boolean endless;
    private final AtomicInteger left;
    private final Hook hook;
    private final long bit;

    /** @param bit of the whole object, where {@code kind} is FLIP */
    Fault(Kind kind, Operation operation, String keyPart, int times, Hook hook, long bit) {
        this.kind = kind;
        this.operation = operation;
        this.keyPart = keyPart;
        this.endless = times == FaultyStore.ALWAYS;
        this.left = new AtomicInteger(times);
        this.hook = hook;
        this.bit = bit;
    }

    boolean is(Kind wanted, Operation called, String key) {
        return kind == wanted && operation == called && key.contains(keyPart);
    }

    boolean isHookOf(Operation called, String key) {
        return is(Kind.HOOK, called, key);
    }

    boolean flipsWithin(String key, long begin, long end) {
        return is(Kind.FLIP, Operation.READ, key) && bit / 8 >= begin && bit / 8 < end;
    }

    boolean isEndless() {
        return endless;
    }

    /** Takes one of the times; false if none is left. */
    boolean use() {
        return endless || left.getAndUpdate(n -> Math.max(0, n - 1)) > 0;
    }

    Hook hook() {
        return hook;
    }

    long bit() {
        return bit;
    }
}
