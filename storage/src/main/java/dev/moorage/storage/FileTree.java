package dev.moorage.storage;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Keys as paths below one root, never following a symbolic link: every directory on the way must be a real one. Directories are
 * made as they are needed, durably, and stay when their last object goes, as removing one would race with a create in it.
 *
 * <p>Threads: any.
 */
final class FileTree {
    private static final int DURABLE_MAX = 4096;

    private final Path root;
    private final FileOps ops;

    /**
     * Directories whose name this store knows to be durable, by the file system's own id of them. That a directory exists says
     * nothing: another writer may have made it and not yet made it durable.
     */
    private final Map<Path, Object> durable = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Path, Object> eldest) {
            return size() > DURABLE_MAX;
        }
    };

    /** @param root a real path to a directory that exists */
    FileTree(Path root, FileOps ops) {
        this.root = root;
        this.ops = ops;
    }

    Path root() {
        return root;
    }

    /**
     * The object's path.
     *
     * @throws NoSuchFileException if it, or a directory on the way, is not there, or is a directory
     */
    Path object(String key) throws IOException {
        Path file = folder(Keys.folder(key)).resolve(Keys.name(key));
        BasicFileAttributes found = FileOps.attributes(file);
        refuseLink(file, found);
        if (!found.isRegularFile()) {
            throw new NoSuchFileException(file.toString(), null, "not a file");
        }
        return file;
    }

    /**
     * The directory of a prefix that is empty or ends with a slash.
     *
     * @throws NoSuchFileException if it is not there
     */
    Path folder(String prefix) throws IOException {
        Path directory = root;
        for (String segment : segments(prefix)) {
            directory = directory.resolve(segment);
            if (!isRealDirectory(directory)) {
                throw new NoSuchFileException(directory.toString(), null, "not a directory");
            }
        }
        return directory;
    }

    /** A path for the key, in a directory that is there and durable. */
    Path place(String key) throws IOException {
        Path directory = root;
        for (String segment : segments(Keys.folder(key))) {
            Path parent = directory;
            directory = parent.resolve(segment);
            ensureDirectory(parent, directory);
        }
        return directory.resolve(Keys.name(key));
    }

    private void ensureDirectory(Path parent, Path directory) throws IOException {
        BasicFileAttributes found = foundOrMade(directory);
        refuseLink(directory, found);
        if (!found.isDirectory()) {
            throw new NotAnObjectException(directory, "is not a directory, so no key can go through it");
        }
        Object id = found.fileKey();
        synchronized (durable) {
            if (id != null && id.equals(durable.get(directory))) {
                return;
            }
        }
        ops.syncDirectory(parent);
        synchronized (durable) {
            durable.put(directory, id);
        }
    }

    private BasicFileAttributes foundOrMade(Path directory) throws IOException {
        try {
            return FileOps.attributes(directory);
        } catch (NoSuchFileException absent) {
            try {
                ops.makeDirectory(directory);
            } catch (FileAlreadyExistsException raced) {
                return FileOps.attributes(directory);
            } catch (IOException failure) {
                throw FileFailures.explain(failure, directory);
            }
            return FileOps.attributes(directory);
        }
    }

    private static boolean isRealDirectory(Path directory) throws IOException {
        BasicFileAttributes found = FileOps.attributes(directory);
        refuseLink(directory, found);
        return found.isDirectory();
    }

    private static void refuseLink(Path file, BasicFileAttributes found) throws IOException {
        if (found.isSymbolicLink()) {
            throw new NotAnObjectException(
                    file, "is a symbolic link, which a store never follows; remove it from the store");
        }
    }

    private static String[] segments(String prefix) {
        return prefix.isEmpty()
                ? new String[0]
                : prefix.substring(0, prefix.length() - 1).split("/");
    }
}
