package dev.moorage.node.demo;

import dev.moorage.checkpoint.ShardSource;
import dev.moorage.client.RankShard;
import dev.moorage.client.command.Terminal;
import dev.moorage.client.command.Wording;
import dev.moorage.node.local.PrivateFolder;
import dev.moorage.node.local.SplitFile;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.storage.Stores;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code moorage demo}: the whole path on this host, in about a minute. */
@Command(
        name = "demo",
        mixinStandardHelpOptions = true,
        description = {
            "Shows the whole path on this host, in about a minute: a cluster of JVMs saves the state of 8 ranks, verifies"
                    + " it, loses a worker, refuses a flipped byte and restores. Leaves the checkpoint in a folder that it names."
        })
public final class DemoCommand implements Callable<Integer> {
    private static final List<Scene> SCENES = List.of(
            new StartCluster(),
            new MakeState(),
            new SaveAndVerify(),
            new LoseWorker(),
            new FlipByte(),
            new RestoreAll());

    private final Terminal terminal;

    @Option(
            names = "--input",
            paramLabel = "FILE",
            description = "Save this safetensors file instead of a made-up state.")
    private Path input;

    @Option(
            names = "--store",
            paramLabel = "URI",
            description = "Where to save: a folder or file:///folder. Default: in the demo's own folder.")
    private String store;

    @Option(names = "--keep", description = "Keep the restored files, too, not only the checkpoint and the logs.")
    private boolean keep;

    /** A demo that shows itself on this terminal. */
    public DemoCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() throws Exception {
        checkWhatIsGiven();
        long begun = System.nanoTime();
        DemoFolder folder = DemoFolder.make();
        String uri = store == null ? folder.store().toUri().toString() : store;
        PrivateFolder scratch = PrivateFolder.make("moorage-demo-");
        List<RankShard> state = new ArrayList<>();
        try (ChildCluster cluster = new ChildCluster(uri, scratch, folder.logs())) {
            Stage stage = new Stage(
                    terminal, folder, scratch.path(), uri, Optional.ofNullable(input), cluster, state, new Figures());
            play(stage);
            terminal.out().println();
            stage.figures().print(terminal.out());
        } finally {
            closeAll(state);
        }
        if (!keep) {
            PrivateFolder.removeTree(folder.restored());
        }
        sayGoodbye(folder, uri, Duration.ofNanos(System.nanoTime() - begun));
        return 0;
    }

    /** Before processes are started for it. */
    private void checkWhatIsGiven() throws IOException {
        if (input != null) {
            SplitFile.open(input, Stage.RANKS).close();
        }
        if (store == null) {
            return;
        }
        if (store.startsWith("mem:")) {
            throw CheckpointException.invalid("the demo's processes cannot share " + store + "; name a folder");
        }
        Stores.openForWriting(store).close();
        if (Files.exists(FlipByte.root(store).resolve(Stage.JOB.value()))) {
            throw CheckpointException.invalid("the store " + store + " has a job " + Stage.JOB
                    + " already, whose steps the demo would meet instead of saving its own; name another --store");
        }
    }

    private void play(Stage stage) throws Exception {
        for (int i = 0; i < SCENES.size(); i++) {
            terminal.out()
                    .println((i + 1) + "/" + SCENES.size() + " " + SCENES.get(i).title());
            terminal.out().flush();
            try {
                SCENES.get(i).run(stage);
            } catch (CheckpointException failure) {
                throw new CheckpointException(
                        failure.kind(),
                        failure.getMessage() + " (logs in " + stage.folder().logs() + ")",
                        failure);
            }
        }
    }

    private void sayGoodbye(DemoFolder folder, String uri, Duration time) {
        terminal.out().println();
        terminal.out().println("All of it worked, in " + Wording.seconds(time) + ". The checkpoints stay in " + uri);
        terminal.out().println("and the logs of the daemons in " + folder.logs() + ". Look around:");
        terminal.out().println("  moorage ls " + Stage.JOB + " --store " + uri);
        terminal.out().println("  moorage verify " + Stage.JOB + " latest --store " + uri);
    }

    private static void closeAll(List<RankShard> state) throws IOException {
        for (RankShard shard : state) {
            try (ShardSource source = shard.source()) {
                source.length();
            }
        }
    }
}
