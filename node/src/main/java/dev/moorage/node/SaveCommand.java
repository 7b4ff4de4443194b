package dev.moorage.node;

import com.typesafe.config.Config;
import dev.moorage.client.MoorageClient;
import dev.moorage.client.RankShard;
import dev.moorage.client.SaveOrder;
import dev.moorage.client.StagedSave;
import dev.moorage.client.command.Terminal;
import dev.moorage.client.command.Where;
import dev.moorage.node.local.SaveProgress;
import dev.moorage.node.local.SplitFile;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.SaveSpec;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.v1.SaveStatus;
import dev.moorage.storage.ObjectStore;
import dev.moorage.storage.Stores;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code moorage save}: files of this host become a checkpoint, through a cluster or through one in this process. */
@Command(
        name = "save",
        mixinStandardHelpOptions = true,
        description = {
            "Saves files as a checkpoint: through the workers of this host (--endpoint), or through a cluster that lives in"
                    + " this process for as long as the save takes (--store)."
        })
final class SaveCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Parameters(index = "0", paramLabel = "JOB", description = "The job: a-z, 0-9, dot, _ and -.")
    private String job;

    @Parameters(index = "1", paramLabel = "STEP", description = "The training step.")
    private String step;

    @ArgGroup(multiplicity = "1")
    private Input input;

    @Option(names = "--ranks", paramLabel = "N", description = "With --split: for how many ranks.")
    private Integer ranks;

    @Option(
            names = "--codec",
            paramLabel = "CODEC",
            description = "auto, planes, none, zstd or zstd:LEVEL (1 to 22). Default: auto.")
    private String codec;

    @Option(
            names = "--verify",
            paramLabel = "DEPTH",
            description = "After the commit: none, attest, sample:P or full. Default: none.")
    private String verify;

    @Option(names = "--meta", paramLabel = "KEY=VALUE", description = "Kept with the checkpoint; may be repeated.")
    private Map<String, String> metadata = Map.of();

    @Option(
            names = "--workers",
            paramLabel = "N",
            defaultValue = "2",
            description = "With --store: how many workers. Default: 2.")
    private int workers;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "3600",
            description = "How long to wait for the end. Default: 3600.")
    private long timeoutSeconds;

    @Option(names = "--config", paramLabel = "FILE", description = "With --store: configuration of the cluster.")
    private Path config;

    @Mixin
    private Where where;

    /** What is saved: one of the two. */
    static final class Input {
        @Option(
                names = "--from",
                paramLabel = "DIR",
                description = "A folder with one file for each rank: rank-0.* on.")
        private Path folder;

        @Option(
                names = "--split",
                paramLabel = "FILE",
                description = "A safetensors file, cut along the first dimension of its tensors.")
        private Path file;
    }

    SaveCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        if (timeoutSeconds < 1) {
            throw CheckpointException.invalid("--timeout must be positive, was " + timeoutSeconds);
        }
        if (input.folder != null) {
            refuse(ranks != null, "--ranks goes with --split; with --from there is one rank for each file");
            List<RankShard> shards = ShardFolder.open(input.folder);
            try {
                return save(shards);
            } finally {
                ShardFolder.closeAll(shards);
            }
        }
        refuse(ranks == null, "--split needs --ranks N: how many ranks share the file");
        try (SplitFile split = SplitFile.open(input.file, ranks)) {
            return save(split.shards());
        }
    }

    private int save(List<RankShard> shards) {
        SaveSpec.metadata(metadata);
        SaveOrder order = new SaveOrder(
                new JobName(job),
                Step.parse(step),
                shards,
                Optional.ofNullable(codec).map(Codec::parse),
                Optional.ofNullable(verify).map(VerifyDepth::parse),
                metadata,
                Duration.ofSeconds(timeoutSeconds));
        try (SaveProgress progress = new SaveProgress(terminal, order.rawBytes())) {
            SaveStatus last = where.endpoint(terminal).isPresent()
                    ? throughCluster(order, progress)
                    : throughEmbedded(order, progress);
            progress.finish();
            SaveSummary summary =
                    new SaveSummary(order, last, progress.staging(), progress.saving(), progress.verifying());
            if (where.isJson()) {
                summary.json(terminal);
            } else {
                summary.print(terminal);
            }
            return summary.exitStatus();
        }
    }

    private SaveStatus throughCluster(SaveOrder order, SaveProgress progress) {
        try (MoorageClient client = where.connect(terminal, "save")) {
            return StagedSave.run(client, order, progress);
        }
    }

    private SaveStatus throughEmbedded(SaveOrder order, SaveProgress progress) {
        Config settings = Configuration.load(Optional.ofNullable(config), Map.of());
        String uri = where.store(terminal)
                .or(() -> Optional.of(settings.getString("moorage.store")).filter(named -> !named.isBlank()))
                .orElseThrow(() -> CheckpointException.invalid("where to save? Name a store with --store URI (or"
                        + " MOORAGE_STORE), or a cluster with --endpoint HOST:PORT (or MOORAGE_ENDPOINT)"));
        try (ObjectStore store = Stores.openForWriting(uri);
                EmbeddedCluster cluster = EmbeddedCluster.start(
                        settings,
                        store,
                        Math.min(workers, Math.max(1, order.shards().size())),
                        EmbeddedCluster.Doors.IN_PROCESS)) {
            return EmbeddedSave.run(cluster, order, progress);
        } catch (IOException closing) {
            throw new CheckpointException(FailureKind.UNAVAILABLE, "closing the store failed: " + closing, closing);
        }
    }

    private static void refuse(boolean wrong, String message) {
        if (wrong) {
            throw CheckpointException.invalid(message);
        }
    }
}
