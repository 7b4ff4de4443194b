package dev.moorage.protocol;

/** What is known of a checkpoint from all of its verdicts together. */
public enum VerificationStatus {
    /** Nobody looked. */
    NONE,
    /** The store's own word, a sample, or some of the shards. */
    ATTESTED,
    /** Every byte of every shard was read back and its sums held. */
    VERIFIED,
    /** A verdict found bytes that are not those that were saved, and no later full one over all shards was good. */
    CORRUPT,
    /** Some of it could not be read when somebody looked. */
    INCOMPLETE
}
