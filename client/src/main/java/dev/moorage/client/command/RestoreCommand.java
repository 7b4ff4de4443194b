package dev.moorage.client.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moorage.checkpoint.Selected;
import dev.moorage.checkpoint.Selector;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.record.Manifest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "restore",
        description = "Restores a checkpoint into files. Every byte is verified before any file gets its name; if "
                + "something does not hold, nothing is left behind. A corrupt shard moves latest and "
                + "latest-verified on to the next good step. Reads the store in this process.")
final class RestoreCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private Where where;

    @Mixin
    private JobStep target;

    @Option(names = "--to", paramLabel = "DIR", description = "Gets rank-N.safetensors or rank-N.bin of every rank.")
    private Path to;

    @Option(
            names = "--merge",
            paramLabel = "FILE",
            description = "Gets the one file that was saved with --split, byte for byte.")
    private Path merge;

    @Option(names = "--overwrite", description = "Replace files that are there.")
    private boolean overwrite;

    RestoreCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        JobName name = target.job();
        RestorePlan plan = new RestorePlan(Optional.ofNullable(to), Optional.ofNullable(merge), overwrite);
        Selector selector = target.selector();
        try (OpenStore store = OpenStore.forReading(where.needStore(terminal, "restore"))) {
            Map<Step, String> refused = new HashMap<>();
            while (true) {
                Selected selected = select(store, name, selector, refused);
                try {
                    restore(store, selected, plan);
                    return 0;
                } catch (CheckpointException failure) {
                    if (failure.kind() != FailureKind.CORRUPT || selector.step().isPresent()) {
                        throw failure;
                    }
                    // Whoever asks for the latest wants one that holds; the next select tells why this one was passed
                    // over.
                    refused.put(selected.manifest().attempt().step(), failure.getMessage());
                }
            }
        }
    }

    private static Selected select(OpenStore store, JobName name, Selector selector, Map<Step, String> refused) {
        try {
            return store.catalog().select(name, selector, refused);
        } catch (CheckpointException none) {
            if (none.kind() == FailureKind.NOT_FOUND && !refused.isEmpty()) {
                throw new CheckpointException(FailureKind.CORRUPT, none.getMessage(), none);
            }
            throw none;
        }
    }

    private void restore(OpenStore store, Selected selected, RestorePlan plan) {
        Manifest.Committed manifest = selected.manifest();
        Duration time;
        List<OpenStore.Shard> shards;
        try (ProgressLine progress = new ProgressLine(terminal, "restore", manifest.rawBytes())) {
            shards = new Restoration(store, manifest, plan).run(progress);
            time = progress.elapsed();
        }
        StoreLibrary.chosen(selected).tell(terminal);
        if (where.isJson()) {
            Json.print(terminal, json(selected, plan, shards));
            return;
        }
        terminal.out()
                .println("restored " + manifest.attempt().checkpoint() + ": " + Wording.count(shards.size(), "shard")
                        + ", " + Wording.bytes(manifest.rawBytes()) + ", every byte verified, in "
                        + Wording.seconds(time) + " (" + Wording.rate(manifest.rawBytes(), time) + ")");
        plan.directory().ifPresent(file -> terminal.out().println("ranks in  " + file));
        plan.merged().ifPresent(file -> terminal.out().println("merged in " + file));
    }

    private static ObjectNode json(Selected selected, RestorePlan plan, List<OpenStore.Shard> shards) {
        Manifest.Committed manifest = selected.manifest();
        ObjectNode object = Json.object()
                .put("job", manifest.attempt().job().value())
                .put("step", manifest.attempt().step().value())
                .put("attempt", manifest.attempt().attempt().value())
                .put("run", manifest.run().value())
                .put("world_size", manifest.spec().worldSize().value())
                .put("raw_bytes", manifest.rawBytes());
        plan.merged().ifPresent(file -> object.put("merged", file.toString()));
        ArrayNode files = object.putArray("files");
        plan.directory()
                .ifPresent(directory -> shards.forEach(shard -> files.addObject()
                        .put("rank", shard.id().rank().value())
                        .put(
                                "path",
                                directory
                                        .resolve(RestorePlan.name(shard.stored()))
                                        .toString())
                        .put("bytes", shard.stored().rawBytes())
                        .put("crc32c", shard.stored().rawCrc().toString())));
        ArrayNode passedOver = object.putArray("passed_over");
        StoreLibrary.chosen(selected)
                .passedOver()
                .forEach(passed -> passedOver
                        .addObject()
                        .put("step", passed.step().value())
                        .put("reason", passed.reason()));
        return object;
    }
}
