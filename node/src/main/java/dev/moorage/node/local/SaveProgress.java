package dev.moorage.node.local;

import dev.moorage.client.StagedSave;
import dev.moorage.client.command.ProgressLine;
import dev.moorage.client.command.Terminal;
import dev.moorage.protocol.v1.SaveStatus;
import dev.moorage.protocol.v1.State;
import dev.moorage.protocol.v1.VerificationStatus;
import java.time.Duration;
import java.util.Optional;

/** Shows how a save goes, one bar after the other, and takes the times of its phases. May be told from any thread. */
public final class SaveProgress implements StagedSave.Listener, AutoCloseable {
    private final Terminal terminal;
    private final long rawBytes;
    private long begun = System.nanoTime();
    private long stagedBytes = -1;
    private ProgressLine line;
    private Optional<Duration> staged = Optional.empty();
    private Optional<Duration> committed = Optional.empty();
    private String reason = "";

    /**
     * @param rawBytes of all shards
     */
    public SaveProgress(Terminal terminal, long rawBytes) {
        this.terminal = terminal;
        this.rawBytes = rawBytes;
        this.line = new ProgressLine(terminal, "stage", rawBytes);
    }

    /** The first call, which may tell of 0 bytes, starts the clock; the one that completes the bytes ends the staging. */
    @Override
    public synchronized void staged(long delta) {
        if (stagedBytes < 0) {
            stagedBytes = 0;
            begun = System.nanoTime();
            next("stage");
        }
        stagedBytes += delta;
        line.bytes(delta);
        if (stagedBytes >= rawBytes) {
            endStaging();
        }
    }

    private void endStaging() {
        if (staged.isEmpty()) {
            staged = Optional.of(elapsed());
            next("save");
        }
    }

    @Override
    public synchronized void saving(SaveStatus status) {
        endStaging();
        boolean isCommitted = status.getState() == State.STATE_COMMITTED;
        if (isCommitted && committed.isEmpty()) {
            committed = Optional.of(elapsed());
            next("verify");
        }
        if (!isCommitted) {
            line.at(status.getRawBytesDone(), rawBytes);
        } else if (status.hasVerification()) {
            VerificationStatus verification = status.getVerification();
            line.at(verification.getBytesDone(), verification.getBytesTotal());
        }
        // The end of an aborted save is told by its failure.
        boolean isNews = status.getState() != State.STATE_ABORTED
                && !status.getReason().isEmpty()
                && !status.getReason().equals(reason);
        if (isNews) {
            reason = status.getReason();
            line.close();
            terminal.remark("  " + reason);
            next(isCommitted ? "verify" : "save");
        }
    }

    private void next(String what) {
        line.close();
        line = new ProgressLine(terminal, what, rawBytes);
    }

    /** Time until all was staged. */
    public synchronized Duration staging() {
        return staged.orElseGet(this::elapsed);
    }

    /** Time from there to the commit. */
    public synchronized Duration saving() {
        return committed.orElseGet(this::elapsed).minus(staging());
    }

    /** Time since the commit. */
    public synchronized Duration verifying() {
        return elapsed().minus(committed.orElseGet(this::elapsed));
    }

    private Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    /** Takes the bar away: what follows is the result. */
    public synchronized void finish() {
        line.close();
    }

    @Override
    public void close() {
        finish();
    }
}
