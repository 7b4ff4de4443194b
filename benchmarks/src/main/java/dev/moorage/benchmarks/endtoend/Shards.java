package dev.moorage.benchmarks.endtoend;

import dev.moorage.checkpoint.FileSource;
import dev.moorage.checkpoint.ShardSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** The input: one safetensors file a rank, {@code rank-0.safetensors}, {@code rank-1.safetensors}, … */
record Shards(List<ShardSource> sources) implements AutoCloseable {
    static Shards in(Path folder) throws IOException {
        List<ShardSource> sources = new ArrayList<>();
        try (Stream<Path> files = Files.list(folder)) {
            List<Path> ranks = files.filter(
                            file -> file.getFileName().toString().matches("rank-[0-9]+\\.safetensors"))
                    .sorted(Comparator.comparingInt(Shards::rank))
                    .toList();
            for (int rank = 0; rank < ranks.size(); rank++) {
                if (rank(ranks.get(rank)) != rank) {
                    throw new IllegalArgumentException(folder + " has no file of rank " + rank);
                }
                sources.add(FileSource.open(ranks.get(rank)));
            }
        }
        if (sources.isEmpty()) {
            throw new IllegalArgumentException(folder + " has no rank-N.safetensors");
        }
        return new Shards(sources);
    }

    private static int rank(Path file) {
        return Integer.parseInt(file.getFileName().toString().replaceAll("[^0-9]", ""));
    }

    long rawBytes() throws IOException {
        long bytes = 0;
        for (ShardSource source : sources) {
            bytes += source.length();
        }
        return bytes;
    }

    @Override
    public void close() throws IOException {
        for (ShardSource source : sources) {
            source.close();
        }
    }
}
