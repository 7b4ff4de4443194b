package dev.moorage.simulation;

import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import java.nio.ByteBuffer;
import java.util.SplittableRandom;

/** What a rank stages: a function of seed, run, rank, step and kind, so that any mixture shows. */
final class Content {
    private Content() {}

    /** @param owner the rank, or for a replicated shard the lowest rank of its group */
    static ByteBuffer of(long seed, RunToken run, int owner, Step step, ShardKind kind) {
        long mixed = seed;
        mixed = mixed * 31 + run.value().hashCode();
        mixed = mixed * 1_000_003 + owner;
        mixed = mixed * 1_000_003 + step.value();
        mixed = mixed * 31 + kind.name().hashCode();
        SplittableRandom random = new SplittableRandom(mixed);
        byte[] bytes = new byte[random.nextInt(50, 500)];
        // Half of it compresses.
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (i < bytes.length / 2 ? random.nextInt(256) : i);
        }
        return ByteBuffer.wrap(bytes);
    }
}
