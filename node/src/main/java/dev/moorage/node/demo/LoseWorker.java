package dev.moorage.node.demo;

import dev.moorage.client.command.Wording;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.Codec;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.WorkerId;
import dev.moorage.protocol.v1.SaveStatus;
import dev.moorage.protocol.v1.State;
import java.time.Duration;
import java.util.Collections;
import java.util.Optional;

/**
 * A save in whose middle one worker is killed. What was staged on it is still in shared memory: its daemon, started again,
 * takes its part over, and the save commits; or it is aborted with a reason, and nothing of it is visible.
 */
final class LoseWorker implements Scene {
    static final Step STEP = new Step(200);

    /** Slower than the default, so that there is a middle to be killed in; less state needs the slower one. */
    private static final Codec SLOW = Codec.zstd(9);

    private static final Codec SLOWEST = Codec.zstd(19);
    private static final long MUCH_BYTES = 160L << 20;

    private static final int VICTIM = 2;
    private static final Duration HEAD_START = Duration.ofMillis(700);

    @Override
    public String title() {
        return "save step " + STEP + ", and kill a worker with SIGKILL in the middle of it";
    }

    @Override
    public void run(Stage stage) throws InterruptedException {
        Assassin assassin = new Assassin(stage);
        try {
            Codec codec = stage.rawBytes() < MUCH_BYTES ? SLOWEST : SLOW;
            DemoSave save = DemoSave.run(stage, STEP, codec, VerifyDepth.NONE, assassin::see);
            assassin.awaitRestart();
            SaveStatus last = save.last();
            stage.say("COMMITTED all the same: attempt " + last.getAttempt() + ", " + Wording.seconds(save.saving())
                    + ", " + howCome(stage.store()));
            stage.figures()
                    .add(new Phase(
                            "save step " + STEP + ", worker killed",
                            last.getRawBytes(),
                            Optional.of(last.getStoredBytesDone()),
                            save.saving()));
        } catch (CheckpointException aborted) {
            if (aborted.kind() != FailureKind.UNAVAILABLE || !assassin.hasStruck()) {
                throw aborted;
            }
            stage.say("ABORTED with its reason, and nothing of it is visible: " + aborted.getMessage());
        }
        assassin.join();
    }

    /** A part record names the life of the worker that stored it: another one than before means that it was taken over. */
    private static String howCome(String store) {
        WorkerId victim = new WorkerId("worker-" + VICTIM);
        return Collections.disjoint(Writers.of(store, STEP, victim), Writers.of(store, SaveAndVerify.STEP, victim))
                ? "its restarted daemon took its part over from shared memory"
                : "its part was in the store before it died";
    }

    /** Kills the worker some time after the upload has begun, and starts it again as a supervisor would. */
    private static final class Assassin {
        private final Stage stage;
        private Thread thread = new Thread();
        private volatile boolean struck;

        Assassin(Stage stage) {
            this.stage = stage;
        }

        synchronized void see(SaveStatus status) {
            if (status.getState() == State.STATE_UPLOADING && thread.getState() == Thread.State.NEW && !struck) {
                struck = true;
                thread = new Thread(this::strike, "moorage-demo-kill");
                thread.setDaemon(true);
                thread.start();
            }
        }

        private void strike() {
            try {
                Thread.sleep(HEAD_START.toMillis());
                long pid = stage.cluster().kill(VICTIM);
                stage.say("killed worker-" + VICTIM + " (process " + pid + "); starting it again");
                stage.cluster().restart(VICTIM);
            } catch (InterruptedException ending) {
                Thread.currentThread().interrupt();
            }
        }

        boolean hasStruck() {
            return struck;
        }

        void awaitRestart() throws InterruptedException {
            join();
            if (!struck) {
                stage.say("the save was over before anything could be killed");
                return;
            }
            stage.cluster().awaitReady(VICTIM);
        }

        void join() throws InterruptedException {
            Thread waited;
            synchronized (this) {
                waited = thread;
            }
            waited.join();
        }
    }
}
