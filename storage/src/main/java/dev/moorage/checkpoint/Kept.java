package dev.moorage.checkpoint;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * What a lane needs for a chunk and the next lane needs again: made when none is idle, then kept. Takes no lock.
 *
 * @param <T> for one thread at a time
 */
final class Kept<T> {
    private final Supplier<T> made;
    private final ConcurrentLinkedQueue<T> idle = new ConcurrentLinkedQueue<>();

    Kept(Supplier<T> made) {
        this.made = made;
    }

    T take() {
        T kept = idle.poll();
        return kept == null ? made.get() : kept;
    }

    void giveBack(T taken) {
        idle.add(taken);
    }

    void forEach(Consumer<T> action) {
        idle.forEach(action);
    }
}
