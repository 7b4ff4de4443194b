package dev.moorage.node.demo;

import dev.moorage.client.MoorageClient;
import dev.moorage.client.SaveOrder;
import dev.moorage.client.StagedSave;
import dev.moorage.node.local.SaveProgress;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.v1.SaveStatus;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * A save of the demo's state through the cluster, as a script would do it.
 *
 * @param last how it ended
 * @param staging time until all shards were in the workers' shared memory
 * @param saving time from there to the commit
 * @param verifying time from the commit to the verdict
 */
record DemoSave(SaveStatus last, Duration staging, Duration saving, Duration verifying) {
    private static final Duration DEADLINE = Duration.ofMinutes(3);

    /** @param watcher told how the save stands, beside the bar that shows it */
    static DemoSave run(Stage stage, Step step, Codec codec, VerifyDepth depth, Consumer<SaveStatus> watcher) {
        SaveOrder order = new SaveOrder(
                Stage.JOB,
                step,
                stage.state(),
                Optional.of(codec),
                Optional.of(depth),
                Map.of("made-by", "moorage demo"),
                DEADLINE);
        try (MoorageClient client = MoorageClient.connect(stage.cluster().endpoint());
                SaveProgress progress = new SaveProgress(stage.terminal(), order.rawBytes())) {
            SaveStatus last = StagedSave.run(client, order, new StagedSave.Listener() {
                @Override
                public void staged(long delta) {
                    progress.staged(delta);
                }

                @Override
                public void saving(SaveStatus status) {
                    progress.saving(status);
                    watcher.accept(status);
                }
            });
            return new DemoSave(last, progress.staging(), progress.saving(), progress.verifying());
        }
    }
}
