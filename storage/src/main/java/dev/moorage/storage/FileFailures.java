package dev.moorage.storage;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/** Tells failures of a file system apart that need different answers. The JDK keeps the system's text, but not its number. */
final class FileFailures {
    private static final List<String> FULL = List.of("No space left on device", "Disk quota exceeded");
    private static final String READ_ONLY = "Read-only file system";
    private static final List<String> NO_LINKS =
            List.of("Operation not permitted", "Operation not supported", "Function not implemented");

    private FileFailures() {}

    /** The failure in words of its own where it has some; else as it is. */
    static IOException explain(IOException failure, Path file) {
        String reason = reason(failure);
        if (FULL.stream().anyMatch(reason::contains)) {
            return new StoreFullException(
                    "no space left for " + file + ": " + reason + "; free space or raise the quota, then try again",
                    failure);
        }
        if (reason.contains(READ_ONLY)) {
            return new ReadOnlyStoreException(
                    "cannot write " + file + ": " + reason + "; mount it for writing or name another store", failure);
        }
        return failure;
    }

    /** As {@link #explain}, for a link that was refused. */
    static IOException explainLink(IOException failure, Path file) {
        return NO_LINKS.stream().anyMatch(reason(failure)::contains)
                ? noHardLinks(file, failure)
                : explain(failure, file);
    }

    static NoHardLinksException noHardLinks(Path file, Exception cause) {
        return new NoHardLinksException(
                "cannot link " + file
                        + ": the file system has no hard links, without which no object can be made by exactly"
                        + " one writer; use a store on ext4, xfs, btrfs, tmpfs, zfs or NFS",
                cause);
    }

    /** Whether a refused link certainly did not happen. Anything else may be a lost answer of a network file system. */
    static boolean isCertain(IOException explained) {
        return explained instanceof StoreFullException
                || explained instanceof ReadOnlyStoreException
                || explained instanceof NoHardLinksException
                || explained instanceof AccessDeniedException
                || explained instanceof NoSuchFileException;
    }

    private static String reason(IOException failure) {
        String text = failure instanceof FileSystemException system ? system.getReason() : failure.getMessage();
        return text == null ? "" : text;
    }
}
