package dev.moorage.checkpoint;

import dev.moorage.protocol.CheckpointException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Works on several shards at once, each on a thread of its own that waits for lanes. The first failure stops the others at
 * their next chunk; nothing runs any more when the call returns.
 */
final class ShardFanOut {
    private final AtomicReference<Throwable> first = new AtomicReference<>();

    private ShardFanOut() {}

    /**
     * Does {@code work} for each item.
     *
     * @param atOnce how many items at once; 1 works on the caller's thread, in order
     * @param work is given a progress that throws once another item has failed
     */
    static <T> void run(List<T> items, int atOnce, Work<T> work) {
        if (atOnce < 1) {
            throw CheckpointException.invalid("at least 1 shard is worked on at once, was " + atOnce);
        }
        if (atOnce == 1) {
            items.forEach(item -> work.apply(item, Progress.NONE));
            return;
        }
        new ShardFanOut().start(items, Math.min(atOnce, Math.max(1, items.size())), work);
    }

    /** What is done with an item. */
    interface Work<T> {
        void apply(T item, Progress progress);
    }

    private <T> void start(List<T> items, int threads, Work<T> work) {
        ExecutorService executor = Executors.newFixedThreadPool(threads, task -> {
            Thread thread = new Thread(task, "moorage-shard");
            thread.setDaemon(true);
            return thread;
        });
        List<Future<?>> running = new ArrayList<>(items.size());
        items.forEach(item -> running.add(executor.submit(() -> attempt(item, work))));
        executor.shutdown();
        boolean interrupted = false;
        for (Future<?> task : running) {
            interrupted |= awaitUninterrupted(task, this::fail);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        throwFirst();
    }

    private <T> void attempt(T item, Work<T> work) {
        if (first.get() == null) {
            try {
                work.apply(item, this::stopOthers);
            } catch (RuntimeException | Error failure) {
                fail(failure);
            }
        }
    }

    private void stopOthers(long bytes) {
        if (first.get() != null) {
            throw new CancellationException("another shard has failed");
        }
    }

    private void fail(Throwable failure) {
        first.compareAndSet(null, failure);
    }

    private static boolean awaitUninterrupted(Future<?> task, Consumer<Throwable> onInterrupt) {
        boolean interrupted = false;
        while (true) {
            try {
                task.get();
                return interrupted;
            } catch (InterruptedException stop) {
                interrupted = true;
                onInterrupt.accept(new CancellationException("interrupted while working on shards"));
            } catch (ExecutionException impossible) {
                throw new IllegalStateException(impossible.getCause());
            }
        }
    }

    private void throwFirst() {
        Throwable failure = first.get();
        if (failure instanceof Error error) {
            throw error;
        }
        if (failure != null) {
            throw (RuntimeException) failure;
        }
    }
}
