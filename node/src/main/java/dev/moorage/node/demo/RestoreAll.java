package dev.moorage.node.demo;

import dev.moorage.client.command.Wording;
import dev.moorage.protocol.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Everything is restored, and compared with what was saved, byte for byte. */
final class RestoreAll implements Scene {
    @Override
    public String title() {
        return "restore step " + SaveAndVerify.STEP + " and compare it with what was saved";
    }

    @Override
    public void run(Stage stage) throws IOException {
        Path target = stage.folder().restored();
        Path merged = target.resolve("merged.safetensors");
        Files.createDirectories(target);
        long begun = System.nanoTime();
        Told told = Told.by(
                stage.terminal(),
                "restore",
                Stage.JOB.value(),
                SaveAndVerify.STEP.toString(),
                "--store",
                stage.store(),
                stage.input().isPresent() ? "--merge" : "--to",
                stage.input().isPresent() ? merged.toString() : target.toString());
        Duration time = Duration.ofNanos(System.nanoTime() - begun);
        if (told.exitStatus() != 0) {
            throw CheckpointException.corrupt("restore ended with " + told.exitStatus() + ": " + told.text());
        }
        if (stage.input().isPresent()) {
            compare(stage.input().get(), merged);
            stage.say("equal, byte for byte: the file merged from " + Stage.RANKS + " shards and "
                    + stage.input().get());
        } else {
            for (int rank = 0; rank < Stage.RANKS; rank++) {
                compare(stage.rankFile(rank), target.resolve("rank-" + rank + ".safetensors"));
            }
            stage.say("equal, byte for byte: " + Wording.count(Stage.RANKS, "file") + ", "
                    + Wording.bytes(stage.rawBytes()));
        }
        stage.figures().add(new Phase("restore step " + SaveAndVerify.STEP, stage.rawBytes(), Optional.empty(), time));
    }

    private static void compare(Path saved, Path restored) throws IOException {
        long difference = Files.mismatch(saved, restored);
        if (difference >= 0) {
            throw CheckpointException.corrupt(
                    restored + " differs from " + saved + " at byte " + difference + "; this must not happen");
        }
    }
}
