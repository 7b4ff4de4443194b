package dev.moorage.worker.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.moorage.checkpoint.ShardSource;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.storage.FaultyStore;
import dev.moorage.storage.MemoryStore;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What callers leave behind that do not wait for their answer. */
@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class AbandonedTest {
    @TempDir
    Path dir;

    private final FaultyStore store = new FaultyStore(new MemoryStore());
    private Rig rig;

    @BeforeEach
    void start() {
        rig = new Rig(dir, store);
    }

    @AfterEach
    void stop() {
        rig.close();
    }

    private void awaitStaged(long bytes) throws InterruptedException {
        for (int i = 0; i < 500; i++) {
            if (rig.host.describe().stagedBytes() == bytes) {
                return;
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
        assertThat(rig.host.describe().stagedBytes()).isEqualTo(bytes);
    }

    /** A free segment is warm for the next lease, and the one after that gets another. */
    @Test
    void a_lease_whose_caller_gave_up_is_given_back_when_it_comes() throws Exception {
        RankSession rank = rig.attach(0);
        for (int i = 0; i < 2; i++) {
            Thread impatient = new Thread(() -> {
                Thread.currentThread().interrupt();
                assertThatThrownBy(() -> rank.lease(ShardKind.OWN, 1 << 20)).hasMessageContaining("interrupted");
            });
            impatient.start();
            impatient.join();
        }

        assertThat(leaseSoon(rank)).isNotEqualTo(leaseSoon(rank));
    }

    private static Segment leaseSoon(RankSession rank) throws InterruptedException {
        for (int i = 0; ; i++) {
            try {
                return rank.lease(ShardKind.OWN, 1 << 20);
            } catch (CheckpointException stillTaken) {
                if (i == 500) {
                    throw stillTaken;
                }
                TimeUnit.MILLISECONDS.sleep(20);
            }
        }
    }

    @Test
    void a_load_whose_caller_gave_up_is_given_back_when_it_comes() throws Exception {
        RankSession rank = rig.attach(0);
        rig.committed(rank, 7);
        rig.tell(rig.outcome(7, 1, 1, true));
        // With both of its buffers in use a rank keeps nothing else warm: what is given back is gone.
        rank.lease(ShardKind.OWN, Rig.BYTES);
        rank.lease(ShardKind.OWN, Rig.BYTES);
        CountDownLatch gate = new CountDownLatch(1);
        store.before(FaultyStore.Operation.READ, "/shards/", 1, () -> {
            try {
                gate.await();
            } catch (InterruptedException interrupted) {
                throw new InterruptedIOException();
            }
        });
        Thread impatient = new Thread(() -> {
            Thread.currentThread().interrupt();
            assertThatThrownBy(() -> rank.load("7", 0, true, LoadProgress.NONE)).hasMessageContaining("interrupted");
        });
        impatient.start();
        impatient.join();

        awaitStaged(3L * Rig.BYTES);
        gate.countDown();
        awaitStaged(2L * Rig.BYTES);
    }

    @Test
    void sources_that_stay_where_they_are_are_closed_with_the_worker() {
        RankSession rank = rig.attach(0);
        AtomicBoolean closed = new AtomicBoolean();
        rank.stage(source(closed), new Step(3), ShardKind.OWN, ShardFormat.OPAQUE, Map.of());
        assertThat(closed).isFalse();

        rig.references.closeAll();

        assertThat(closed).isTrue();
    }

    private static ShardSource source(AtomicBoolean closed) {
        return new ShardSource() {
            @Override
            public long length() {
                return 8;
            }

            @Override
            public void read(long position, ByteBuffer target) {
                while (target.hasRemaining()) {
                    target.put((byte) 1);
                }
            }

            @Override
            public void close() {
                closed.set(true);
            }
        };
    }
}
