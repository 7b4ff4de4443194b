package dev.moorage.protocol;

/** One life of a worker process. 32 lower-case hex digits. */
public record Incarnation(String value) {
    public Incarnation {
        Check.hex128("incarnation", value);
    }

    /** A fresh one, from a cryptographic source. */
    public static Incarnation random() {
        return new Incarnation(RandomHex.next());
    }

    @Override
    public String toString() {
        return value;
    }
}
