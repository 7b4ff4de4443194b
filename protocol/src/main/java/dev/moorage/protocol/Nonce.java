package dev.moorage.protocol;

/** Marks one logical write, kept over its retries: whoever reads it back knows that the write was theirs. 32 lower-case hex digits. */
public record Nonce(String value) {
    public Nonce {
        Check.hex128("nonce", value);
    }

    /** A fresh one, from a cryptographic source. */
    public static Nonce random() {
        return new Nonce(RandomHex.next());
    }

    @Override
    public String toString() {
        return value;
    }
}
