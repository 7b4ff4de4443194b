package dev.moorage.storage;

import java.io.IOException;

/** The file system has no hard links, and so no create-if-absent that survives a crash. */
final class NoHardLinksException extends IOException {
    private static final long serialVersionUID = 1L;

    NoHardLinksException(String message, Exception cause) {
        super(message, cause);
    }
}
