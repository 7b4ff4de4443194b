package dev.moorage.simulation;

import dev.moorage.protocol.Crc32c;
import dev.moorage.storage.MemoryStore;
import dev.moorage.storage.ObjectStore;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;

/** The store as one process sees it: others act between its calls, calls fail, answers get lost, creates land late. */
final class ProcessStore implements ObjectStore {
    private static final int DEPTH_MAX = 5;

    private final World world;
    private final SimulatedProcess process;
    private final MemoryStore truth;

    ProcessStore(World world, SimulatedProcess process) {
        this.world = world;
        this.process = process;
        this.truth = world.truth;
    }

    /** Others act; the process may die or sleep here; then the call may fail before it has any effect. */
    private void enter(String what, String key) throws IOException {
        if (world.timeline.isHere()) {
            yieldToOthers();
            if (world.chance.of(world.faults().deaths().inStoreCall())) {
                world.timeline.log(process.name + " dies before " + what);
                world.crash(process);
            }
            process.requireRunning();
        }
        if (world.chance.of(world.faults().shelf().fail())) {
            world.cover(Covered.STORE_FAILED);
            throw new IOException("500 Internal Error (simulated) at " + what + " of " + key);
        }
    }

    private void leave() {
        yieldToOthers();
        process.requireRunning();
    }

    private void yieldToOthers() {
        if (world.timeline.depth() < DEPTH_MAX
                && world.chance.of(world.plan.shelf().others())) {
            long millis = world.chance.of(0.05) ? world.chance.between(1_000, 5_000) : world.chance.between(1, 150);
            world.timeline.runUntil(world.timeline.now() + millis);
        }
    }

    @Override
    public Created createOnce(String key, ByteBuffer body, Duration deadline) throws IOException {
        enter("create", key);
        Plan.Shelf shelf = world.faults().shelf();
        if (world.chance.of(shelf.loseRequest())) {
            world.cover(Covered.REQUEST_LOST);
            return new Created.Unknown("the request was lost (simulated)");
        }
        if (world.chance.of(shelf.late())) {
            ByteBuffer copy =
                    ByteBuffer.allocate(body.remaining()).put(body.duplicate()).flip();
            world.timeline.after(world.chance.between(50, 30_000), () -> {
                boolean isThere = isThere(key);
                Created created = create(key, copy);
                world.cover(created instanceof Created.Lost ? Covered.CREATE_TOO_LATE : Covered.CREATE_LATE);
                world.timeline.log("late create of " + kind(key) + " by " + process.name + (isThere ? " met one" : ""));
            });
            return new Created.Unknown("no answer in time (simulated)");
        }
        Created created = create(key, body);
        if (world.chance.of(shelf.loseAnswer())) {
            world.cover(Covered.ANSWER_LOST);
            return new Created.Unknown("the answer was lost (simulated)");
        }
        leave();
        return created;
    }

    private static String kind(String key) {
        return key.contains("/shards/") || key.startsWith(".moorage") ? "an object" : key;
    }

    private Created create(String key, ByteBuffer body) {
        Created created = truth.createOnce(key, body, Duration.ZERO);
        world.referee.wrote(key, created instanceof Created.Won);
        return created;
    }

    private boolean isThere(String key) {
        return truth.list(key).findAny().isPresent();
    }

    @Override
    public Upload upload(String key) throws IOException {
        enter("upload", key);
        Upload upload = truth.upload(key);
        return new Upload() {
            @Override
            public void write(ByteBuffer bytes) throws IOException {
                enter("write", key);
                upload.write(bytes);
            }

            @Override
            public void commit(long bytes, Crc32c crc) throws IOException {
                enter("commit", key);
                upload.commit(bytes, crc);
                world.referee.wrote(key, true);
                if (world.chance.of(world.faults().shelf().loseAnswer())) {
                    world.cover(Covered.ANSWER_LOST);
                    throw new IOException("the answer was lost (simulated) after the commit of " + key);
                }
                leave();
            }

            @Override
            public void close() throws IOException {
                upload.close();
            }
        };
    }

    @Override
    public void read(String key, long position, ByteBuffer target) throws IOException {
        enter("read", key);
        truth.read(key, position, target);
    }

    @Override
    public Stat stat(String key) throws IOException {
        enter("stat", key);
        return truth.stat(key);
    }

    @Override
    public Stream<StoredObject> list(String prefix) throws IOException {
        enter("list", prefix);
        return truth.list(prefix).toList().stream();
    }

    @Override
    public List<String> children(String prefix) throws IOException {
        enter("children", prefix);
        return truth.children(prefix);
    }

    @Override
    public void delete(String key) throws IOException {
        enter("delete", key);
        world.referee.deletes(process.name, key);
        truth.delete(key);
    }

    @Override
    public Stream<OpenUpload> listOpenUploads(String prefix) {
        return truth.listOpenUploads(prefix);
    }

    @Override
    public void abortUpload(OpenUpload upload) {
        throw world.timeline.broken("S5", process.name + " aborts an upload of " + upload.key());
    }

    @Override
    public Limits limits() {
        return truth.limits();
    }

    @Override
    public void close() {}

    @Override
    public String toString() {
        return "simulated store";
    }
}
