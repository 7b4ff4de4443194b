package dev.moorage.node.demo;

import dev.moorage.checkpoint.FileSource;
import dev.moorage.client.RankShard;
import dev.moorage.client.command.ProgressLine;
import dev.moorage.client.command.Wording;
import dev.moorage.node.local.SplitFile;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.ShardFormat;
import java.io.IOException;
import java.nio.file.Files;

/** The state of eight ranks: made up with realistic statistics, or the file that the user names. */
final class MakeState implements Scene {
    @Override
    public String title() {
        return "the training state of " + Stage.RANKS + " ranks";
    }

    @Override
    public void run(Stage stage) throws IOException {
        if (stage.input().isPresent()) {
            stage.state()
                    .addAll(SplitFile.open(stage.input().get(), Stage.RANKS).shards());
            stage.say(stage.input().get() + ", " + Wording.bytes(stage.rawBytes()) + ", split by rows");
            return;
        }
        try (ProgressLine progress = new ProgressLine(stage.terminal(), "make", Stage.RANKS * StateFile.BYTES)) {
            for (int rank = 0; rank < Stage.RANKS; rank++) {
                StateFile.write(stage.rankFile(rank), rank);
                stage.state()
                        .add(new RankShard(
                                new Rank(rank), ShardFormat.SAFETENSORS, FileSource.open(stage.rankFile(rank))));
                progress.bytes(StateFile.BYTES);
            }
        }
        stage.say(Wording.bytes(stage.rawBytes()) + ": bf16 weights and f32 moments, "
                + Wording.bytes(Files.size(stage.rankFile(0))) + " a rank");
    }
}
