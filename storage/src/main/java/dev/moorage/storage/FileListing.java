package dev.moorage.storage;

import dev.moorage.storage.ObjectStore.OpenUpload;
import dev.moorage.storage.ObjectStore.StoredObject;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What is under a prefix of a {@link FileTree}. Symbolic links, special files and names that no key can hold are not objects and
 * are passed over, as is what goes away meanwhile. Whatever cannot be read is an error, never an empty answer.
 */
final class FileListing {
    private final FileTree tree;

    FileListing(FileTree tree) {
        this.tree = tree;
    }

    List<StoredObject> objects(String prefix) throws IOException {
        List<StoredObject> found = new ArrayList<>();
        for (Entry entry : under(prefix)) {
            collectObjects(entry, found);
        }
        found.sort(Comparator.comparing(StoredObject::key));
        return found;
    }

    /** The next segments under which there is an object; a directory without any is not seen by users of a store. */
    List<String> children(String prefix) throws IOException {
        List<String> names = new ArrayList<>();
        for (Entry entry : under(prefix)) {
            if (holdsObject(entry)) {
                names.add(Keys.name(entry.key()));
            }
        }
        names.sort(Comparator.naturalOrder());
        return names;
    }

    List<OpenUpload> openUploads(String prefix) throws IOException {
        List<OpenUpload> found = new ArrayList<>();
        try {
            collectOpen(tree.folder(Keys.folder(prefix)), Keys.folder(prefix), found);
        } catch (NoSuchFileException absent) {
            return List.of();
        }
        found.removeIf(upload -> !upload.key().startsWith(prefix));
        found.sort(Comparator.comparing(OpenUpload::key).thenComparing(OpenUpload::id));
        return found;
    }

    private record Entry(Path path, String key, BasicFileAttributes is) {
        boolean isObject() {
            return is.isRegularFile() && Keys.isSegment(Keys.name(key));
        }

        boolean isFolder() {
            return is.isDirectory() && Keys.isSegment(Keys.name(key));
        }
    }

    private List<Entry> under(String prefix) throws IOException {
        String folder = Keys.folder(prefix);
        try {
            List<Entry> entries = new ArrayList<>(entries(tree.folder(folder), folder));
            entries.removeIf(entry -> !entry.key().startsWith(prefix));
            return entries;
        } catch (NoSuchFileException absent) {
            return List.of();
        }
    }

    private static void collectObjects(Entry entry, List<StoredObject> found) throws IOException {
        if (entry.isObject()) {
            found.add(new StoredObject(entry.key(), entry.is().size()));
        } else if (entry.isFolder()) {
            for (Entry below : entries(entry.path(), entry.key() + "/")) {
                collectObjects(below, found);
            }
        }
    }

    private static boolean holdsObject(Entry entry) throws IOException {
        if (entry.isFolder()) {
            for (Entry below : entries(entry.path(), entry.key() + "/")) {
                if (holdsObject(below)) {
                    return true;
                }
            }
        }
        return entry.isObject();
    }

    private static void collectOpen(Path directory, String folder, List<OpenUpload> found) throws IOException {
        for (Entry entry : entries(directory, folder)) {
            String name = Keys.name(entry.key());
            if (entry.isFolder()) {
                collectOpen(entry.path(), entry.key() + "/", found);
            } else if (entry.is().isRegularFile()) {
                TempFile.meantFor(name).ifPresent(target -> found.add(new OpenUpload(folder + target, name)));
            }
        }
    }

    private static List<Entry> entries(Path directory, String folder) throws IOException {
        List<Entry> entries = new ArrayList<>();
        try (DirectoryStream<Path> paths = Files.newDirectoryStream(directory)) {
            for (Path path : paths) {
                try {
                    entries.add(new Entry(path, folder + path.getFileName(), FileOps.attributes(path)));
                } catch (NoSuchFileException gone) {
                    // Removed since the directory was read.
                }
            }
        } catch (NoSuchFileException gone) {
            return List.of();
        } catch (DirectoryIteratorException failure) {
            throw failure.getCause();
        }
        return entries;
    }
}
