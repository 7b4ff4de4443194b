package dev.moorage.storage;

import java.nio.file.FileSystemException;
import java.nio.file.Path;

/** Where an object or its directory would be there is something that no store makes, such as a symbolic link. */
final class NotAnObjectException extends FileSystemException {
    private static final long serialVersionUID = 1L;

    NotAnObjectException(Path file, String reason) {
        super(file.toString(), null, reason);
    }
}
