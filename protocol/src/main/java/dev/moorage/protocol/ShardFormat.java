package dev.moorage.protocol;

/** What the raw bytes of a shard are. */
public enum ShardFormat {
    /** A valid safetensors file: its tensors are indexed. */
    SAFETENSORS("safetensors"),
    /** Bytes that Moorage does not look into. */
    OPAQUE("bin");

    private final String extension;

    ShardFormat(String extension) {
        this.extension = extension;
    }

    /** The file name extension of the raw bytes, without a dot. */
    public String extension() {
        return extension;
    }
}
