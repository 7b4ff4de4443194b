package dev.moorage.client.command;

import dev.moorage.checkpoint.FileTarget;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Nonce;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.CopyOption;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;

/**
 * Files that get their names together, once all of them are complete and durable; until then they are hidden beside their
 * final places. Unless {@link #publish} returned, {@link #close} leaves nothing behind, also when the process is told to
 * end. For one thread; the targets may be written by any.
 */
final class NewFiles implements AutoCloseable {
    private final String mark = ".moorage-" + Nonce.random().value().substring(0, 12) + "-";
    private final boolean overwrite;
    private final Map<Path, Path> hidden = new LinkedHashMap<>();
    private final Map<Path, FileTarget> open = new LinkedHashMap<>();
    private final List<Path> published = new ArrayList<>();
    private final List<Path> madeDirectories = new ArrayList<>();
    private final Thread atExit = new Thread(this::discard, "moorage-discard");
    private boolean done;

    /** @param overwrite whether files that are there may be replaced */
    NewFiles(boolean overwrite) {
        this.overwrite = overwrite;
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    /** Makes the directory with its parents. */
    void directory(Path directory) {
        if (Files.isDirectory(directory)) {
            return;
        }
        Path parent = directory.toAbsolutePath().getParent();
        if (parent != null) {
            directory(parent);
        }
        try {
            Files.createDirectory(directory);
            synchronized (this) {
                madeDirectories.add(0, directory);
            }
        } catch (FileAlreadyExistsException taken) {
            if (!Files.isDirectory(directory)) {
                throw CheckpointException.invalid(directory + " is a file, not a directory; name another target");
            }
        } catch (IOException failure) {
            throw unavailable("cannot make " + directory, failure);
        }
    }

    /** A file to be filled; call {@link #complete} when it is. */
    synchronized FileTarget create(Path file) {
        if (done) {
            throw new CancellationException("the process ends");
        }
        Path temporary = file.resolveSibling(mark + file.getFileName());
        FileTarget target = FileTarget.create(temporary);
        hidden.put(file, temporary);
        open.put(file, target);
        return target;
    }

    /** Makes what was written to the file durable. */
    synchronized void complete(Path file) {
        try (FileTarget target = open.remove(file)) {
            target.force();
        } catch (IOException failure) {
            throw unavailable("cannot complete " + file, failure);
        }
    }

    /** Where a file is until it has its name. */
    synchronized Path hidden(Path file) {
        return hidden.get(file);
    }

    /** Gives all files their names. */
    synchronized void publish() {
        CopyOption[] how = overwrite
                ? new CopyOption[] {StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING}
                : new CopyOption[] {};
        for (Map.Entry<Path, Path> file : hidden.entrySet()) {
            try {
                Files.move(file.getValue(), file.getKey(), how);
                published.add(file.getKey());
            } catch (FileAlreadyExistsException taken) {
                throw CheckpointException.invalid(
                        file.getKey() + " came to be in the meantime and is not replaced; nothing was restored");
            } catch (IOException failure) {
                throw unavailable("cannot name " + file.getKey(), failure);
            }
        }
        published.stream()
                .map(Path::toAbsolutePath)
                .map(Path::getParent)
                .distinct()
                .forEach(NewFiles::force);
        done = true;
    }

    private static void force(Path directory) {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException failure) {
            throw unavailable("cannot make the names in " + directory + " durable", failure);
        }
    }

    private synchronized void discard() {
        if (done) {
            return;
        }
        done = true;
        open.values().forEach(NewFiles::closeQuietly);
        hidden.values().forEach(NewFiles::remove);
        // A file that replaced another stays: the one before is gone and half of the pair is no better than one.
        if (!overwrite) {
            published.forEach(NewFiles::remove);
        }
        madeDirectories.forEach(NewFiles::remove);
    }

    private static void closeQuietly(FileTarget target) {
        try {
            target.close();
        } catch (IOException ignored) {
            // The file is about to be removed.
        }
    }

    private static void remove(Path path) {
        try {
            Files.deleteIfExists(path);
        } catch (IOException kept) {
            // A directory that somebody else uses by now stays; a hidden file that cannot be removed harms nobody.
        }
    }

    private static CheckpointException unavailable(String what, IOException failure) {
        return new CheckpointException(
                FailureKind.UNAVAILABLE, what + ": " + failure.getMessage() + "; name another target", failure);
    }

    @Override
    public void close() {
        discard();
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException goingDown) {
            // The hook runs right now and finds nothing to do.
        }
    }
}
