package dev.moorage.client.command;

import dev.moorage.checkpoint.FileTarget;
import dev.moorage.checkpoint.Merge;
import dev.moorage.checkpoint.Progress;
import dev.moorage.checkpoint.ShardTarget;
import dev.moorage.checkpoint.TensorEntry;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.record.Manifest;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Brings a whole checkpoint back as files, each byte proved before any file has its name. For one thread. */
final class Restoration {
    private static final int SOURCE_HEADER_BYTES_MAX = 100 << 20;

    private final OpenStore store;
    private final Manifest.Committed manifest;
    private final RestorePlan plan;

    Restoration(OpenStore store, Manifest.Committed manifest, RestorePlan plan) {
        this.store = store;
        this.manifest = manifest;
        this.plan = plan;
    }

    /** The shards that were restored, by rank. */
    List<OpenStore.Shard> run(Progress progress) {
        List<OpenStore.Shard> shards = store.shards(manifest);
        plan.check(shards);
        Optional<Merge> merge = plan.merged().map(file -> mergeOf(shards));
        try (NewFiles files = new NewFiles(plan.overwrite())) {
            plan.directory().ifPresent(files::directory);
            Optional<FileTarget> merged = plan.merged().map(file -> {
                Optional.ofNullable(file.toAbsolutePath().getParent()).ifPresent(files::directory);
                return files.create(file);
            });
            for (int i = 0; i < shards.size(); i++) {
                int shard = i;
                Optional<ShardTarget> part = merge.map(all -> all.target(shard, merged.orElseThrow()));
                restore(shards.get(i), part, files, progress);
            }
            plan.merged().ifPresent(files::complete);
            files.publish();
        }
        return shards;
    }

    private void restore(OpenStore.Shard shard, Optional<ShardTarget> part, NewFiles files, Progress progress) {
        Optional<Path> file = plan.directory().map(to -> to.resolve(RestorePlan.name(shard.stored())));
        List<ShardTarget> targets = new ArrayList<>();
        file.map(files::create).ifPresent(targets::add);
        part.ifPresent(targets::add);
        store.reader()
                .readAll(
                        manifest.attempt(),
                        shard.stored(),
                        shard.detail(),
                        (position, bytes) -> {
                            for (ShardTarget target : targets) {
                                target.write(position, bytes.duplicate());
                            }
                        },
                        progress);
        file.ifPresent(files::complete);
    }

    private Merge mergeOf(List<OpenStore.Shard> shards) {
        List<List<TensorEntry>> tensors =
                shards.stream().map(shard -> shard.detail().tensors()).toList();
        Merge.HeaderAt header = Merge.header(tensors);
        long bytes = header.tensor().bytes();
        if (bytes > SOURCE_HEADER_BYTES_MAX) {
            throw CheckpointException.corrupt(manifest.attempt() + ": the header of the split file has " + bytes
                    + " bytes, more than " + SOURCE_HEADER_BYTES_MAX);
        }
        ByteBuffer content = ByteBuffer.allocate((int) bytes);
        OpenStore.Shard at = shards.get(header.shard());
        store.reader()
                .readTensor(
                        manifest.attempt(),
                        at.stored(),
                        at.detail(),
                        header.tensor(),
                        (position, chunk) ->
                                content.duplicate().position((int) position).put(chunk));
        return Merge.plan(content, tensors);
    }
}
