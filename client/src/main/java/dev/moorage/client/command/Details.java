package dev.moorage.client.command;

import dev.moorage.protocol.record.Verdict;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A checkpoint with what is in it.
 *
 * @param codec as it was asked for
 * @param depth of the verification that was asked for
 * @param verdicts by number; empty where only the store knows them
 * @param damages why shards are missing in the list; empty if none are
 */
record Details(
        Row row,
        String codec,
        String depth,
        SortedMap<String, String> metadata,
        List<Shard> shards,
        Optional<List<Verdict>> verdicts,
        List<String> damages) {
    Details {
        metadata = new TreeMap<>(metadata);
        shards = List.copyOf(shards);
        damages = List.copyOf(damages);
    }

    /** A stored shard; sums as 8 hex digits. */
    record Shard(
            int rank,
            boolean replicated,
            String key,
            String codec,
            long rawBytes,
            long storedBytes,
            String rawCrc32c,
            String storedCrc32c) {
        String name() {
            return rank + (replicated ? " (replicated)" : "");
        }
    }
}
