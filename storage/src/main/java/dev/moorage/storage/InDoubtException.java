package dev.moorage.storage;

import java.io.IOException;

/** An object may or may not be there, or may be there and not survive a crash. */
final class InDoubtException extends IOException {
    private static final long serialVersionUID = 1L;

    InDoubtException(String message, IOException cause) {
        super(message, cause);
    }
}
