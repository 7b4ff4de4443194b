package dev.moorage.benchmarks.endtoend;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moorage.benchmarks.Folders;
import dev.moorage.checkpoint.StageLimits;
import dev.moorage.client.HostClient;
import dev.moorage.client.LoadedState;
import dev.moorage.client.MoorageClient;
import dev.moorage.client.Segment;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.v1.SaveStatus;
import dev.moorage.protocol.v1.State;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Times whole saves and loads of some ranks through the worker and the coordinator that run on this host, and prints one JSON
 * object a run. Seconds are wall time: {@code fill} copies into shared memory (the stall of the training), {@code save} is from the
 * first {@code stage} call to COMMITTED as a client sees it, {@code load} from the call to verified bytes in new shared memory, {@code
 * warm_load} the same into memory that the rank gave back before, {@code copy_out} from there into memory of the rank's own. Processor
 * seconds are those of worker, coordinator and this driver together. The bytes that come back are compared by their sums with those that
 * were staged.
 *
 * <p>With {@code --limits} the stages of a save and of a load are measured alone, after each run, in this process; a share is the sum
 * of their seconds over the seconds of the run.
 */
@Command(name = "end-to-end", mixinStandardHelpOptions = true)
public final class EndToEnd implements Callable<Integer> {
    private static final Duration PATIENCE = Duration.ofMinutes(10);

    @Option(names = "--endpoint", required = true, description = "The coordinator.")
    private String endpoint;

    @Option(names = "--socket", required = true, description = "The worker's.")
    private Path socket;

    @Option(names = "--worker-pid", required = true, description = "Whose memory is told.")
    private long workerPid;

    @Option(names = "--coordinator-pid", required = true)
    private long coordinatorPid;

    @Option(names = "--store", required = true, description = "A folder; each checkpoint is removed after its load.")
    private Path store;

    @Option(names = "--shards", required = true, description = "A folder with rank-N.safetensors.")
    private Path folder;

    @Option(names = "--codec", defaultValue = "auto")
    private String codec;

    @Option(names = "--runs", defaultValue = "5")
    private int runs;

    @Option(names = "--warm-up", defaultValue = "1", description = "Runs before those that count.")
    private int warmUp;

    @Option(names = "--limits", description = "Measure the stages alone, too, beside the store.")
    private boolean limits;

    /** Runs it. */
    public static void main(String[] args) {
        System.exit(new CommandLine(new EndToEnd()).execute(args));
    }

    @Override
    public Integer call() throws Exception {
        JobName job = new JobName("bench");
        try (MoorageClient client = MoorageClient.connect(endpoint);
                HostClient host = HostClient.open(socket, PATIENCE);
                Shards shards = Shards.in(folder);
                Ranks ranks = new Ranks(host, job, shards, Codec.parse(codec));
                StageLimits stages = limits ? stages(shards) : null) {
            // The first runs also make the segments and warm the JVMs; they are shown and marked, and not to be
            // counted.
            for (int run = 0; run < warmUp + runs; run++) {
                ObjectNode row = run(client, ranks, new Checkpoint(job, new Step(run)));
                if (limits) {
                    putLimits(row, stages);
                }
                row.put("warm", run >= warmUp).put("codec", codec).put("raw_bytes", shards.rawBytes());
                System.out.println(row);
            }
        }
        return 0;
    }

    private StageLimits stages(Shards shards) throws IOException {
        return new StageLimits(store.toAbsolutePath().getParent(), shards.sources(), Codec.parse(codec));
    }

    private static void putLimits(ObjectNode row, StageLimits stages) throws Exception {
        StageLimits.Save save = stages.save();
        StageLimits.Load load = stages.load();
        row.put("limit_read_seconds", save.read()).put("limit_code_seconds", save.code());
        row.put("limit_write_seconds", save.write()).put("limit_decode_seconds", load.decode());
        row.put("limit_write_warm_seconds", load.writeWarm()).put("limit_write_cold_seconds", load.writeCold());
        row.put("pipeline_seconds", stages.pipeline());
        row.put("save_share", save.seconds() / row.get("save_seconds").doubleValue());
        row.put("load_share", load.coldSeconds() / row.get("load_seconds").doubleValue());
        row.put(
                "warm_load_share",
                load.warmSeconds() / row.get("warm_load_seconds").doubleValue());
    }

    private record Checkpoint(JobName job, Step step) {}

    private ObjectNode run(MoorageClient client, Ranks ranks, Checkpoint checkpoint) throws Exception {
        ObjectNode row = new ObjectMapper().createObjectNode();
        double cpuBefore = cpuSeconds();
        long begin = System.nanoTime();
        List<Segment> segments = ranks.fill();
        long filled = System.nanoTime();
        ranks.stage(segments, checkpoint.step());
        long staged = System.nanoTime();
        // Joins the save that the last rank has begun; the coordinator may not have heard of it yet.
        client.save(checkpoint.job(), checkpoint.step(), Optional.empty(), Optional.empty(), Map.of());
        SaveStatus save = client.watchSave(checkpoint.job(), checkpoint.step(), PATIENCE, status -> {});
        if (save.getState() != State.STATE_COMMITTED) {
            throw new IllegalStateException(checkpoint + " was not saved: " + save);
        }
        long committed = System.nanoTime();
        double cpuBetween = cpuSeconds();
        row.put("fill_seconds", seconds(begin, filled)).put("stage_seconds", seconds(filled, staged));
        row.put("save_seconds", seconds(filled, committed)).put("stored_bytes", stored());
        row.put("save_cpu_seconds", cpuBetween - cpuBefore);
        putLoads(row, ranks, checkpoint.step());
        row.put("worker_peak_bytes", ProcessFigures.of(workerPid).peakBytes());
        removeSteps();
        return row;
    }

    private void putLoads(ObjectNode row, Ranks ranks, Step step) throws Exception {
        // With both of its buffers leased a rank has nothing warm; one that is given back is warm for the second load.
        List<Segment> one = ranks.lease();
        List<Segment> other = ranks.lease();
        double cpuBefore = cpuSeconds();
        long asked = System.nanoTime();
        List<LoadedState> cold = ranks.load(step);
        long there = System.nanoTime();
        ranks.copyOut(cold);
        long copied = System.nanoTime();
        row.put("load_cpu_seconds", cpuSeconds() - cpuBefore);
        row.put("load_seconds", seconds(asked, there)).put("copy_out_seconds", seconds(there, copied));
        ranks.release(cold);
        ranks.giveBack(one);
        long askedAgain = System.nanoTime();
        List<LoadedState> warm = ranks.load(step);
        row.put("warm_load_seconds", seconds(askedAgain, System.nanoTime()));
        ranks.release(warm);
        ranks.giveBack(other);
    }

    private double cpuSeconds() {
        return ProcessFigures.of(workerPid).cpuSeconds()
                + ProcessFigures.of(coordinatorPid).cpuSeconds()
                + ProcessFigures.of(ProcessHandle.current().pid()).cpuSeconds();
    }

    private static double seconds(long from, long to) {
        return (to - from) / 1e9;
    }

    private long stored() throws IOException {
        try (Stream<Path> files = Files.walk(store.resolve("bench/steps"))) {
            long bytes = 0;
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                bytes += Files.size(file);
            }
            return bytes;
        }
    }

    /** Not how a checkpoint is deleted: nothing else uses this store, and the next run needs its space. */
    private void removeSteps() throws IOException {
        Folders.remove(store.resolve("bench/steps"));
    }
}
