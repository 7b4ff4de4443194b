package dev.moorage.node.demo;

import dev.moorage.checkpoint.Layout;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.FailureKind;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** One byte of a stored shard is changed, as a disk might do it; a restore must refuse it, and say where. */
final class FlipByte implements Scene {
    private static final int RANK = 3;

    @Override
    public String title() {
        return "flip one byte in the store, and try to restore";
    }

    @Override
    public void run(Stage stage) throws IOException {
        Path shard = shardOf(stage, RANK);
        long position = Files.size(shard) / 2;
        flip(shard, position);
        try {
            stage.say("flipped byte " + position + " of " + shard.getFileName());
            Path target = stage.scratch().resolve("refused");
            Told told = Told.by(
                    stage.terminal(),
                    "restore",
                    Stage.JOB.value(),
                    SaveAndVerify.STEP.toString(),
                    "--store",
                    stage.store(),
                    "--to",
                    target.toString());
            if (told.exitStatus() != FailureKind.CORRUPT.exitStatus()) {
                throw CheckpointException.corrupt("a restore of step " + SaveAndVerify.STEP
                        + " should have been refused with exit status 5, and ended with " + told.exitStatus() + ": "
                        + told.text());
            }
            told.text().lines().forEach(line -> stage.say("refused: " + line));
        } finally {
            flip(shard, position);
            stage.say("put the byte back");
        }
    }

    private static Path shardOf(Stage stage, int rank) throws IOException {
        Path steps = root(stage.store()).resolve(Layout.step(new CheckpointId(Stage.JOB, SaveAndVerify.STEP)));
        String name = String.format("rank-%06d.", rank);
        try (Stream<Path> files = Files.walk(steps)) {
            return files.filter(file -> file.getFileName().toString().startsWith(name))
                    .findFirst()
                    .orElseThrow(() -> CheckpointException.notFound("no shard of rank " + rank + " below " + steps));
        }
    }

    /** The folder of a file store. */
    static Path root(String store) {
        return store.startsWith("file:") ? Path.of(URI.create(store)) : Path.of(store);
    }

    private static void flip(Path file, long position) throws IOException {
        boolean readOnly = !Files.isWritable(file) && file.toFile().setWritable(true, true);
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.seek(position);
            int old = bytes.read();
            bytes.seek(position);
            bytes.write(old ^ 1);
        }
        if (readOnly && !file.toFile().setWritable(false)) {
            throw new IOException("cannot make " + file + " read-only again");
        }
    }
}
