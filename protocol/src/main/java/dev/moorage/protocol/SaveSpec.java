package dev.moorage.protocol;

import static java.util.Objects.requireNonNull;

import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a save was asked to do; the same for every attempt of it.
 *
 * @param worldSize how many ranks must have staged the step
 * @param codec of every shard
 * @param depth of the verification after the commit
 * @param metadata the user's own, at most 64 KiB in all, kept sorted
 */
public record SaveSpec(WorldSize worldSize, Codec codec, VerifyDepth depth, SortedMap<String, String> metadata) {
    private static final int METADATA_CHARS_MAX = 64 * 1024;

    public SaveSpec {
        requireNonNull(worldSize);
        requireNonNull(codec);
        requireNonNull(depth);
        metadata = java.util.Collections.unmodifiableSortedMap(new TreeMap<>(metadata));
        metadata(metadata);
    }

    /** Checks a user's metadata: at most 65,536 characters of names and values in all. */
    public static void metadata(Map<String, String> metadata) {
        long chars = metadata.entrySet().stream()
                .mapToLong(entry -> entry.getKey().length() + entry.getValue().length())
                .sum();
        Check.range("characters of metadata", chars, 0, METADATA_CHARS_MAX);
    }
}
