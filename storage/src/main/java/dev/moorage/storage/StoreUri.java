package dev.moorage.storage;

import dev.moorage.protocol.CheckpointException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/** Where a store is, as people write it. */
sealed interface StoreUri {
    /** A directory; absolute. */
    record Directory(Path path) implements StoreUri {}

    /** A store in this process's memory. */
    record Memory(String name) implements StoreUri {}

    /** Two letters at least, so that a drive letter is not one. */
    Pattern SCHEME = Pattern.compile("[A-Za-z][A-Za-z0-9+.-]+:.*", Pattern.DOTALL);

    Pattern MEMORY = Pattern.compile("mem:([A-Za-z0-9][A-Za-z0-9._-]{0,62})");

    /**
     * Reads what a person wrote.
     *
     * @throws CheckpointException INVALID for anything that names no store
     */
    static StoreUri parse(String uri) {
        if (uri == null || uri.isBlank()) {
            throw invalid(uri, "it is empty");
        }
        try {
            if (uri.startsWith("mem:")) {
                return memory(uri);
            }
            if (uri.startsWith("file:")) {
                return new Directory(fileUri(uri).normalize());
            }
            if (SCHEME.matcher(uri).matches()) {
                throw invalid(uri, "its scheme is unknown; a relative path with a colon begins with ./");
            }
            return new Directory(Path.of(uri).toAbsolutePath().normalize());
        } catch (InvalidPathException failure) {
            throw invalid(uri, failure.getReason());
        }
    }

    private static StoreUri memory(String uri) {
        var matcher = MEMORY.matcher(uri);
        if (!matcher.matches()) {
            throw invalid(uri, "a name after mem: is 1 to 63 letters, digits, '.', '_' or '-'");
        }
        return new Memory(matcher.group(1));
    }

    private static Path fileUri(String text) {
        try {
            URI uri = new URI(text);
            boolean local = uri.getAuthority() == null || uri.getAuthority().equals("localhost");
            if (!local || uri.getPath() == null || uri.getQuery() != null || uri.getFragment() != null) {
                throw invalid(text, "a file URI is file:///absolute/path, without host, '?' and '#'");
            }
            return Path.of(uri.getPath());
        } catch (URISyntaxException failure) {
            throw invalid(text, failure.getReason());
        }
    }

    private static CheckpointException invalid(String uri, String why) {
        String shown = uri == null ? "nothing" : "'" + uri.replaceAll("\\p{Cntrl}", "?") + "'";
        return CheckpointException.invalid(
                "not a store: " + shown + ": " + why + "; expected file:///absolute/path, a path or mem:NAME");
    }
}
