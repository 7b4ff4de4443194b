package dev.moorage.node;

import dev.moorage.checkpoint.FileSource;
import dev.moorage.checkpoint.Safetensors;
import dev.moorage.checkpoint.ShardSource;
import dev.moorage.client.RankShard;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.ShardFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A folder with one file for each rank, called {@code rank-N.anything}, from rank 0 without a gap. */
final class ShardFolder {
    private static final Pattern NAME = Pattern.compile("rank-([0-9]+)(\\.[^/]*)?");
    private static final String EXTENSION = "." + ShardFormat.SAFETENSORS.extension();

    private ShardFolder() {}

    /**
     * Opens the files, in the order of the ranks. Other names in the folder are left alone. A file is a safetensors shard if
     * its header holds, else opaque; one that is called so must hold.
     *
     * @return open sources, which the caller closes
     * @throws CheckpointException NOT_FOUND, or INVALID for a gap, for two files of one rank or for a header that lies
     */
    static List<RankShard> open(Path folder) {
        List<RankShard> shards = new ArrayList<>();
        try {
            for (Map.Entry<Integer, Path> file : files(folder).entrySet()) {
                if (file.getKey() != shards.size()) {
                    throw CheckpointException.invalid(folder + " has no file for rank " + shards.size() + " (rank-"
                            + shards.size() + ".*), but " + file.getValue().getFileName()
                            + ": ranks are numbered from 0 without a gap");
                }
                FileSource source = FileSource.open(file.getValue());
                shards.add(new RankShard(new Rank(file.getKey()), ShardFormat.OPAQUE, source));
                shards.set(
                        shards.size() - 1,
                        new RankShard(new Rank(file.getKey()), format(file.getValue(), source), source));
            }
        } catch (RuntimeException failure) {
            closeAll(shards);
            throw failure;
        }
        if (shards.isEmpty()) {
            throw CheckpointException.invalid(
                    folder + " has no file called rank-0.*, rank-1.* and so on: one for each rank is expected");
        }
        return shards;
    }

    /** Closes the sources of all shards. */
    static void closeAll(List<RankShard> shards) {
        for (RankShard shard : shards) {
            try {
                shard.source().close();
            } catch (IOException onlyRead) {
                // A file that was only read loses nothing by a failing close.
            }
        }
    }

    private static Map<Integer, Path> files(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw CheckpointException.notFound(folder + " is not a folder");
        }
        Map<Integer, Path> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(folder)) {
            for (Path file : all.sorted().toList()) {
                Matcher name = NAME.matcher(file.getFileName().toString());
                if (!name.matches()) {
                    continue;
                }
                int rank = rank(file, name.group(1));
                Path other = files.put(rank, file);
                if (other != null) {
                    throw CheckpointException.invalid(folder + " has two files for rank " + rank + ": "
                            + other.getFileName() + " and " + file.getFileName() + "; leave one");
                }
            }
        } catch (IOException failure) {
            throw new CheckpointException(FailureKind.UNAVAILABLE, "cannot list " + folder + ": " + failure, failure);
        }
        return files;
    }

    private static int rank(Path file, String digits) {
        try {
            return new Rank(Integer.parseInt(digits)).value();
        } catch (NumberFormatException | CheckpointException tooLarge) {
            throw new CheckpointException(
                    FailureKind.INVALID, file + " names a rank above 999,999; rename or remove it", tooLarge);
        }
    }

    private static ShardFormat format(Path file, ShardSource source) {
        try {
            Safetensors.parse(source);
            return ShardFormat.SAFETENSORS;
        } catch (CheckpointException refused) {
            if (refused.kind() != FailureKind.INVALID) {
                throw refused;
            }
            if (file.getFileName().toString().endsWith(EXTENSION)) {
                throw new CheckpointException(FailureKind.INVALID, file + ": " + refused.getMessage(), refused);
            }
            return ShardFormat.OPAQUE;
        }
    }
}
