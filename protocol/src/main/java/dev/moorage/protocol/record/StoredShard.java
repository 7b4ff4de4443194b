package dev.moorage.protocol.record;

import static java.util.Objects.requireNonNull;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardId;
import dev.moorage.protocol.UploadId;

/**
 * A shard that is durable on the store.
 *
 * @param uploadId names the object: keys are derived, never carried
 * @param rawBytes length before compression
 * @param storedBytes length of the object
 * @param rawCrc of the raw bytes, computed while they were read, never from the stored copy
 * @param storedCrc of the whole object
 */
public record StoredShard(
        ShardId shard,
        ShardFormat format,
        UploadId uploadId,
        Codec codec,
        long rawBytes,
        long storedBytes,
        Crc32c rawCrc,
        Crc32c storedCrc) {
    public StoredShard {
        requireNonNull(shard);
        requireNonNull(format);
        requireNonNull(uploadId);
        requireNonNull(codec);
        requireNonNull(rawCrc);
        requireNonNull(storedCrc);
        if (rawBytes < 0 || storedBytes < 0) {
            throw CheckpointException.invalid(
                    shard + ": negative length, raw " + rawBytes + " or stored " + storedBytes);
        }
    }

    /** Stored size over raw size: below 1 is a gain. An empty shard has ratio 1. */
    public double ratio() {
        return rawBytes == 0 ? 1.0 : (double) storedBytes / rawBytes;
    }

    /** Whether these are the bytes that were promised. */
    public boolean keeps(PlannedShard promise) {
        return shard.equals(promise.shard())
                && format == promise.format()
                && rawBytes == promise.rawBytes()
                && rawCrc.equals(promise.rawCrc());
    }
}
