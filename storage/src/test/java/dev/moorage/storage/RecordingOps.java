package dev.moorage.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/** Real calls on a file system, written down in order; single ones can be made to fail, before or after their effect. */
final class RecordingOps extends FileOps {
    /** A call on the file system, to be let through or stopped by a throw. */
    interface Effect {
        void run() throws IOException;
    }

    /** Decides what becomes of a call. */
    interface Fate {
        void meet(String call, Effect effect) throws IOException;
    }

    private final Path root;
    private final List<String> calls = new ArrayList<>();
    private Fate fate = (call, effect) -> effect.run();

    RecordingOps(Path root) {
        this.root = root;
    }

    /** So far, as {@code sync a/b~}: a temporary file has the name that it is meant for and a tilde. */
    synchronized List<String> calls() {
        return List.copyOf(calls);
    }

    synchronized void forget() {
        calls.clear();
    }

    void fate(Fate fate) {
        this.fate = fate;
    }

    /** Calls that fit throw without effect. */
    void fail(Predicate<String> fits, IOException failure) {
        fate((call, effect) -> {
            if (fits.test(call)) {
                throw failure;
            }
            effect.run();
        });
    }

    private synchronized void record(String call, Effect effect) throws IOException {
        calls.add(call);
        fate.meet(call, effect);
    }

    private String shown(Path file) {
        String name = file.getFileName().toString();
        String folder = file.equals(root) ? "." : root.relativize(file).toString();
        return TempFile.meantFor(name)
                .map(target -> folder.substring(0, folder.length() - name.length()) + target + "~")
                .orElse(folder);
    }

    @Override
    FileChannel create(Path file) throws IOException {
        FileChannel[] made = new FileChannel[1];
        record("create " + shown(file), () -> made[0] = super.create(file));
        return made[0];
    }

    @Override
    void write(Path file, FileChannel channel, ByteBuffer bytes) throws IOException {
        record("write " + shown(file), () -> super.write(file, channel, bytes));
    }

    @Override
    void sync(Path file, FileChannel channel) throws IOException {
        record("sync " + shown(file), () -> super.sync(file, channel));
    }

    @Override
    void syncSoFar(Path file, FileChannel channel) throws IOException {
        record("sync so far " + shown(file), () -> super.syncSoFar(file, channel));
    }

    @Override
    void link(Path name, Path file) throws IOException {
        record("link " + shown(name), () -> super.link(name, file));
    }

    @Override
    void syncDirectory(Path directory) throws IOException {
        record("syncdir " + shown(directory), () -> super.syncDirectory(directory));
    }

    @Override
    void unlink(Path file) throws IOException {
        record("unlink " + shown(file), () -> super.unlink(file));
    }

    @Override
    void makeDirectory(Path directory) throws IOException {
        record("mkdir " + shown(directory), () -> super.makeDirectory(directory));
    }

    @Override
    void makeDirectory(Path directory, Set<PosixFilePermission> mode) throws IOException {
        record("mkdir " + shown(directory), () -> super.makeDirectory(directory, mode));
    }
}
