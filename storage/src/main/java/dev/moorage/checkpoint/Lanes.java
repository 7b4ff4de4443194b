package dev.moorage.checkpoint;

import dev.moorage.protocol.CheckpointException;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The threads that read, sum, code and decode chunks, shared by all writers and readers of a process. Work in a lane never
 * waits for a buffer or for another lane, so a single lane is enough for any number of shards.
 */
public final class Lanes implements AutoCloseable {
    private final int threads;
    private final ExecutorService executor;

    /**
     * @param threads how many chunks are worked on at once, at least 1
     * @param name prefix of the threads' names; they are daemons
     */
    public Lanes(int threads, String name) {
        if (threads < 1) {
            throw CheckpointException.invalid("lanes need at least 1 thread, were given " + threads);
        }
        this.threads = threads;
        AtomicInteger number = new AtomicInteger();
        this.executor =
                Executors.newFixedThreadPool(threads, work -> new Lane(work, name + "-" + number.getAndIncrement()));
    }

    /** How many chunks are worked on at once. */
    public int threads() {
        return threads;
    }

    <T> Future<T> submit(Callable<T> work) {
        if (Thread.currentThread() instanceof Lane) {
            throw new IllegalStateException(
                    "a lane must not wait for lanes; read and write shards from another thread");
        }
        try {
            return executor.submit(work);
        } catch (RejectedExecutionException closed) {
            throw CheckpointException.unavailable("the lanes are closed: this process is going down");
        }
    }

    /** Lets work that was handed over end and takes no more. */
    @Override
    public void close() {
        executor.shutdown();
    }

    private static final class Lane extends Thread {
        Lane(Runnable work, String name) {
            super(work, name);
            setDaemon(true);
        }
    }
}
