package dev.moorage.storage;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The temporary files that this process has open. When it is told to end, whoever writes them gets a moment to stop; what is
 * there then is removed. To be killed leaves them: they are invisible, and listed as open uploads. Threads: any.
 */
final class TempsAtExit {
    private static final Set<Path> OPEN = ConcurrentHashMap.newKeySet();
    private static final int LOOKS = 30;
    private static final long LOOK_MILLIS = 100;

    static {
        try {
            Runtime.getRuntime().addShutdownHook(new Thread(TempsAtExit::remove, "moorage-temps"));
        } catch (IllegalStateException ending) {
            // A process that ends before its first file leaves none that matters.
        }
    }

    private TempsAtExit() {}

    static void opened(Path file) {
        OPEN.add(file);
    }

    static void closed(Path file) {
        OPEN.remove(file);
    }

    static void remove() {
        try {
            for (int i = 0; i < LOOKS && !OPEN.isEmpty(); i++) {
                Thread.sleep(LOOK_MILLIS);
            }
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        for (Path file : OPEN) {
            try {
                Files.deleteIfExists(file);
            } catch (IOException stays) {
                // It is invisible, and listed as an open upload.
            }
        }
    }
}
