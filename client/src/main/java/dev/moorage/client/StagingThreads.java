package dev.moorage.client;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Runs the staging of a save's shards side by side: through the sockets of a host, or into an embedded cluster. */
public final class StagingThreads {
    private StagingThreads() {}

    /**
     * Runs all of it and waits for its end. Blocks; the first failure is thrown as it is, and stops the rest.
     *
     * @param threads how many run at once, at least 1
     * @param step names what is staged, for people
     * @throws CancellationException if the calling thread is interrupted; it stays so
     */
    public static void runAll(int threads, String step, List<Runnable> works) {
        ExecutorService executor = Executors.newFixedThreadPool(threads, work -> {
            Thread thread = new Thread(work, "moorage-stage");
            thread.setDaemon(true);
            return thread;
        });
        try {
            List<Future<?>> running = new ArrayList<>();
            for (Runnable work : works) {
                running.add(executor.submit(work));
            }
            for (Future<?> one : running) {
                one.get();
            }
        } catch (ExecutionException failed) {
            throw failed.getCause() instanceof RuntimeException failure
                    ? failure
                    : new IllegalStateException(failed.getCause());
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new CancellationException("interrupted while staging " + step);
        } finally {
            executor.shutdownNow();
        }
    }
}
