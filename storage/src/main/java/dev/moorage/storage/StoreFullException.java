package dev.moorage.storage;

import java.io.IOException;

/** The store has no space left, or a quota is used up. What was being written is gone; nothing of it is visible. */
public final class StoreFullException extends IOException {
    private static final long serialVersionUID = 1L;

    /** @param cause as the system said it */
    public StoreFullException(String message, IOException cause) {
        super(message, cause);
    }
}
