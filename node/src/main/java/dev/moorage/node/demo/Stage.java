package dev.moorage.node.demo;

import dev.moorage.client.RankShard;
import dev.moorage.client.command.Terminal;
import dev.moorage.protocol.JobName;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the steps of the demo share.
 *
 * @param folder where things are left
 * @param scratch a private folder in shared memory, removed at the end
 * @param store URI
 * @param input the file to save instead of a made-up state
 * @param state the shards of all ranks, once they are there
 * @param figures for the closing table
 */
record Stage(
        Terminal terminal,
        DemoFolder folder,
        Path scratch,
        String store,
        Optional<Path> input,
        ChildCluster cluster,
        List<RankShard> state,
        Figures figures) {
    static final JobName JOB = new JobName("demo");
    static final int RANKS = 8;
    static final int WORKERS = 4;

    private static final String CLEAR_LINE = "\r\u001b[K";

    /** Says one line below the heading of a step; a bar that is being drawn makes room for it. */
    void say(String text) {
        if (terminal.errInteractive()) {
            terminal.err().print(CLEAR_LINE);
            terminal.err().flush();
        }
        terminal.out().println("   " + text);
        terminal.out().flush();
    }

    long rawBytes() {
        return state.stream().mapToLong(shard -> shard.source().length()).sum();
    }

    /** The file that the state of a rank is in, where it was made up. */
    Path rankFile(int rank) {
        return scratch.resolve("rank-" + rank + ".safetensors");
    }
}
