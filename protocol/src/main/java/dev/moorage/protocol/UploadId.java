package dev.moorage.protocol;

/** One upload of one shard by one worker: what makes the name of a shard object unique. 32 lower-case hex digits. */
public record UploadId(String value) {
    public UploadId {
        Check.hex128("upload id", value);
    }

    /** A fresh one, from a cryptographic source. */
    public static UploadId random() {
        return new UploadId(RandomHex.next());
    }

    @Override
    public String toString() {
        return value;
    }
}
