package dev.moorage.coordinator.core;

import dev.moorage.protocol.Nonce;

/** What a write carries that no rule can derive. The only source of anything random in this package. */
public interface Marks {
    /** A fresh one for each logical write. */
    Nonce nonce();

    /** Wall clock in milliseconds since 1970; a label, never compared. */
    long createdAtMillis();
}
