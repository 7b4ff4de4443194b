package dev.moorage.client.command;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.record.StoredShard;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where a checkpoint is restored to.
 *
 * @param directory gets {@code rank-N.safetensors} or {@code rank-N.bin} of every rank
 * @param merged gets the one file that was split
 * @param overwrite whether files that are there may be replaced
 */
record RestorePlan(Optional<Path> directory, Optional<Path> merged, boolean overwrite) {
    RestorePlan {
        if (directory.isEmpty() && merged.isEmpty()) {
            throw CheckpointException.invalid("where to? Name a directory with --to, or a file with --merge");
        }
    }

    static String name(StoredShard shard) {
        return "rank-" + shard.shard().rank() + (shard.shard().kind() == ShardKind.REPLICATED ? "-replicated." : ".")
                + shard.format().extension();
    }

    /** Refuses targets that are taken, before a byte is read. */
    void check(List<OpenStore.Shard> shards) {
        Stream<Path> ranks =
                directory.stream().flatMap(to -> shards.stream().map(shard -> to.resolve(name(shard.stored()))));
        Stream.concat(ranks, merged.stream())
                .filter(file -> Files.exists(file, LinkOption.NOFOLLOW_LINKS))
                .findFirst()
                .ifPresent(this::refuse);
    }

    private void refuse(Path taken) {
        if (Files.isDirectory(taken)) {
            throw CheckpointException.invalid(taken + " is a directory; name another target");
        }
        if (!overwrite) {
            throw CheckpointException.invalid(
                    taken + " is there and is not replaced; name another target, or give --overwrite");
        }
    }
}
