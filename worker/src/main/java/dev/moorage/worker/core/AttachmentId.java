package dev.moorage.worker.core;

import static java.util.Objects.requireNonNull;

/** Names the attachment of a rank in this life of the daemon; never given twice. */
public record AttachmentId(String value) {
    public AttachmentId {
        requireNonNull(value);
    }

    @Override
    public String toString() {
        return value;
    }
}
