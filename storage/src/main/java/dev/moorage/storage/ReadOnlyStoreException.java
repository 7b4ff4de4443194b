package dev.moorage.storage;

import java.io.IOException;

/** The store can be read, but nothing can be written to it. */
final class ReadOnlyStoreException extends IOException {
    private static final long serialVersionUID = 1L;

    ReadOnlyStoreException(String message, IOException cause) {
        super(message, cause);
    }
}
