package dev.moorage.node.local;

import dev.moorage.checkpoint.ExtentSource;
import dev.moorage.checkpoint.FileSource;
import dev.moorage.checkpoint.Safetensors;
import dev.moorage.checkpoint.SafetensorsHeader;
import dev.moorage.checkpoint.Split;
import dev.moorage.client.RankShard;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.ShardFormat;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One safetensors file as the shards of several ranks, which read from it: close it after them.
 *
 * @param shards of ranks 0 to N-1
 */
public record SplitFile(FileSource file, List<RankShard> shards) implements AutoCloseable {
    /** Most ranks that one process plays: their headers are all in memory, and all of them are attached at once. */
    public static final int RANKS_MAX = 10_000;

    /**
     * Opens and splits a file.
     *
     * @param ranks 1 to {@link #RANKS_MAX}
     * @throws CheckpointException NOT_FOUND, or INVALID if it is no safetensors file
     */
    public static SplitFile open(Path path, int ranks) {
        if (ranks < 1 || ranks > RANKS_MAX) {
            throw CheckpointException.invalid("--ranks must be 1 to " + RANKS_MAX + ", was " + ranks);
        }
        FileSource file = FileSource.open(path);
        try {
            SafetensorsHeader header = Safetensors.parse(file);
            List<RankShard> shards = new ArrayList<>();
            for (ExtentSource shard : Split.shards(file, header, ranks)) {
                shards.add(new RankShard(new Rank(shards.size()), ShardFormat.SAFETENSORS, shard));
            }
            return new SplitFile(file, List.copyOf(shards));
        } catch (RuntimeException failure) {
            new SplitFile(file, List.of()).close();
            throw failure instanceof CheckpointException refused && refused.kind() == FailureKind.INVALID
                    ? new CheckpointException(FailureKind.INVALID, path + ": " + refused.getMessage(), refused)
                    : failure;
        }
    }

    @Override
    public void close() {
        try {
            file.close();
        } catch (IOException onlyRead) {
            // A file that was only read loses nothing by a failing close.
        }
    }
}
