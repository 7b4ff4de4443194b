package dev.moorage.client.command;

import dev.moorage.checkpoint.Progress;
import java.time.Duration;
import java.util.Locale;

/**
 * How far a long piece of work is: a bar on a terminal, elsewhere a line at every quarter that takes long enough. Written
 * to standard error. May be told from any thread.
 */
public final class ProgressLine implements Progress, AutoCloseable {
    /** The largest figures beside it still fit into 80 columns: a line that wraps cannot be taken back. */
    private static final int BAR_CHARS = 20;

    private static final long REDRAW_NANOS = 100_000_000L;
    private static final long PLAIN_NANOS = 2_000_000_000L;
    private static final String CLEAR_LINE = "\r\u001b[K";

    private final Terminal terminal;
    private final String what;
    private final long begun = System.nanoTime();
    private long total;
    private long done;
    private long shownAt;
    private int quarters;
    private boolean drawn;
    private boolean closed;

    /**
     * @param what is being done: one verb
     * @param total bytes, 0 while unknown
     */
    public ProgressLine(Terminal terminal, String what, long total) {
        this.terminal = terminal;
        this.what = what;
        this.total = total;
        this.shownAt = begun;
    }

    @Override
    public synchronized void bytes(long delta) {
        done += delta;
        show();
    }

    /** Where the work stands, for work that says so itself. */
    public synchronized void at(long bytesDone, long bytesTotal) {
        done = bytesDone;
        total = bytesTotal;
        show();
    }

    /** Bytes so far. */
    public synchronized long done() {
        return done;
    }

    /** Time so far. */
    public Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    private void show() {
        long now = System.nanoTime();
        if (closed || total <= 0) {
            return;
        }
        if (terminal.errInteractive()) {
            if (now - shownAt >= REDRAW_NANOS) {
                shownAt = now;
                drawn = true;
                terminal.err().print(CLEAR_LINE + bar());
                terminal.err().flush();
            }
        } else if (now - shownAt >= PLAIN_NANOS && done * 4 / total > quarters) {
            shownAt = now;
            quarters = (int) (done * 4 / total);
            terminal.remark(what + ": " + figures());
        }
    }

    private String bar() {
        int filled = (int) Math.min(BAR_CHARS, done * BAR_CHARS / total);
        String drawing = "=".repeat(filled) + (filled < BAR_CHARS ? ">" : "");
        return String.format(Locale.ROOT, "%-9s [%-" + BAR_CHARS + "s] %s", what, drawing, figures());
    }

    private String figures() {
        return String.format(
                Locale.ROOT,
                "%3d %%  %s of %s  %s",
                Math.min(100, done * 100 / total),
                Wording.bytes(Math.min(done, total)),
                Wording.bytes(total),
                Wording.rate(done, elapsed()));
    }

    /** Removes the bar; what follows starts on a clean line. */
    @Override
    public synchronized void close() {
        closed = true;
        if (drawn) {
            drawn = false;
            terminal.err().print(CLEAR_LINE);
            terminal.err().flush();
        }
    }
}
