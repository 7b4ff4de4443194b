package dev.moorage.storage;

import dev.moorage.protocol.Crc32c;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * A store that fails as it is told to, in front of one that does not. Faults apply to calls whose operation fits and whose key
 * contains a text, a number of times; a failing call says so in its message. Threads: any; with several threads or
 * {@link #randomly}, which of them meets a fault depends on their order.
 */
public final class FaultyStore implements ObjectStore {
    /** For faults that never stop. */
    public static final int ALWAYS = Integer.MAX_VALUE;

    /** The calls of a store and of its uploads. */
    public enum Operation {
        UPLOAD,
        WRITE,
        COMMIT,
        CREATE,
        READ,
        STAT,
        LIST,
        CHILDREN,
        DELETE,
        LIST_OPEN,
        ABORT
    }

    /** One call that was made, whether or not it failed; {@code key} is its key or prefix. */
    public record Call(Operation operation, String key) {}

    /** What happens at a call. It may throw, or wait, and is then followed by the call itself. */
    public interface Hook {
        void run() throws IOException;
    }

    private final ObjectStore store;
    private final Random random;
    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private final List<Fault> faults = new CopyOnWriteArrayList<>();
    private volatile double chance;

    /** A store without faults yet. */
    public FaultyStore(ObjectStore store) {
        this(store, 0);
    }

    /** @param seed of {@link #randomly} */
    public FaultyStore(ObjectStore store, long seed) {
        this.store = store;
        this.random = new Random(seed);
    }

    /** The next {@code times} calls fail and have no effect, as with a 500. A create throws: it certainly did not happen. */
    public FaultyStore fail(Operation operation, String keyPart, int times) {
        return before(operation, keyPart, times, () -> {
            throw new IOException("500 Internal Error (a fault of the test) at " + operation + " of " + keyPart);
        });
    }

    /** The next {@code times} calls have their effect, and the answer is lost: a create is UNKNOWN, others throw. */
    public FaultyStore loseAnswer(Operation operation, String keyPart, int times) {
        faults.add(new Fault(Fault.Kind.LOSE_ANSWER, operation, keyPart, times, () -> {}, 0));
        return this;
    }

    /** The next {@code times} calls never arrive, and nobody says so: a create is UNKNOWN, others throw. */
    public FaultyStore loseRequest(Operation operation, String keyPart, int times) {
        faults.add(new Fault(Fault.Kind.LOSE_REQUEST, operation, keyPart, times, () -> {}, 0));
        return this;
    }

    /** The next {@code times} reads fill half of their buffer and throw an {@link EOFException}. */
    public FaultyStore truncate(String keyPart, int times) {
        faults.add(new Fault(Fault.Kind.TRUNCATE, Operation.READ, keyPart, times, () -> {}, 0));
        return this;
    }

    /** The next {@code times} reads that touch this byte see it with one bit flipped; the stored object stays as it is. */
    public FaultyStore flipBit(String keyPart, long position, int bit, int times) {
        faults.add(
                new Fault(Fault.Kind.FLIP, Operation.READ, keyPart, times, () -> {}, Math.addExact(position * 8, bit)));
        return this;
    }

    /** Runs {@code hook} before the next {@code times} calls: to wait, to count, to stop something else, or to throw. */
    public FaultyStore before(Operation operation, String keyPart, int times, Hook hook) {
        faults.add(new Fault(Fault.Kind.HOOK, operation, keyPart, times, hook, 0));
        return this;
    }

    /** From now on any call fails, or loses its answer, with this chance, by the seed. */
    public FaultyStore randomly(double chance) {
        this.chance = chance;
        return this;
    }

    /** No faults from now on. */
    public void heal() {
        faults.clear();
        chance = 0;
    }

    /** All calls so far, oldest first. */
    public List<Call> calls() {
        return List.copyOf(calls);
    }

    /** How often an operation was called on keys that contain a text. */
    public long calls(Operation operation, String keyPart) {
        return calls.stream()
                .filter(call -> call.operation() == operation && call.key().contains(keyPart))
                .count();
    }

    /** The effect of a call, between what goes wrong before and after it. */
    private interface Effect<T> {
        T run() throws IOException;
    }

    private <T> T call(Operation operation, String key, Effect<T> effect) throws IOException {
        boolean loses = enter(operation, key);
        T answer = effect.run();
        if (loses) {
            throw new LostAnswer(operation, key);
        }
        return answer;
    }

    private Void run(Operation operation, String key, Hook effect) throws IOException {
        return call(operation, key, () -> {
            effect.run();
            return null;
        });
    }

    /** Records the call and runs what comes before it; answers whether its answer is to be lost. */
    private boolean enter(Operation operation, String key) throws IOException {
        calls.add(new Call(operation, key));
        while (true) {
            Optional<Fault> hook = take(fault -> fault.isHookOf(operation, key));
            if (hook.isEmpty()) {
                break;
            }
            hook.get().hook().run();
            if (hook.get().isEndless()) {
                break;
            }
        }
        if (take(fault -> fault.is(Fault.Kind.LOSE_REQUEST, operation, key)).isPresent()) {
            throw new LostAnswer(operation, key);
        }
        if (chance > 0) {
            double drawn = draw();
            if (drawn < chance / 2) {
                throw new IOException("500 Internal Error (a random fault of the test) at " + operation + " of " + key);
            }
            if (drawn < chance) {
                return true;
            }
        }
        return take(fault -> fault.is(Fault.Kind.LOSE_ANSWER, operation, key)).isPresent();
    }

    private double draw() {
        synchronized (random) {
            return random.nextDouble();
        }
    }

    private Optional<Fault> take(Predicate<Fault> fits) {
        for (Fault fault : faults) {
            if (fits.test(fault) && fault.use()) {
                return Optional.of(fault);
            }
        }
        return Optional.empty();
    }

    /** No answer came. */
    private static final class LostAnswer extends IOException {
        private static final long serialVersionUID = 1L;

        LostAnswer(Operation operation, String key) {
            super("no answer (a fault of the test) to " + operation + " of " + key);
        }
    }

    @Override
    public Upload upload(String key) throws IOException {
        Upload upload = call(Operation.UPLOAD, key, () -> store.upload(key));
        return new Upload() {
            @Override
            public void write(ByteBuffer bytes) throws IOException {
                FaultyStore.this.run(Operation.WRITE, key, () -> upload.write(bytes));
            }

            @Override
            public void commit(long bytes, Crc32c crc) throws IOException {
                FaultyStore.this.run(Operation.COMMIT, key, () -> upload.commit(bytes, crc));
            }

            @Override
            public void close() throws IOException {
                upload.close();
            }
        };
    }

    @Override
    public Created createOnce(String key, ByteBuffer body, Duration deadline) throws IOException {
        try {
            return call(Operation.CREATE, key, () -> store.createOnce(key, body, deadline));
        } catch (LostAnswer lost) {
            return new Created.Unknown(lost.getMessage());
        }
    }

    @Override
    public void read(String key, long position, ByteBuffer target) throws IOException {
        run(Operation.READ, key, () -> {
            int begin = target.position();
            if (take(fault -> fault.is(Fault.Kind.TRUNCATE, Operation.READ, key))
                    .isPresent()) {
                int half = target.remaining() / 2;
                store.read(key, position, target.slice(begin, half));
                target.position(begin + half);
                throw new EOFException("only half of the bytes came (a fault of the test): " + key);
            }
            store.read(key, position, target);
            long end = position + target.position() - begin;
            for (Fault fault : faults) {
                if (fault.flipsWithin(key, position, end) && fault.use()) {
                    int index = (int) (begin + fault.bit() / 8 - position);
                    target.put(index, (byte) (target.get(index) ^ 1 << fault.bit() % 8));
                }
            }
        });
    }

    @Override
    public Stat stat(String key) throws IOException {
        return call(Operation.STAT, key, () -> store.stat(key));
    }

    @Override
    public Stream<StoredObject> list(String prefix) throws IOException {
        return call(Operation.LIST, prefix, () -> store.list(prefix));
    }

    @Override
    public List<String> children(String prefix) throws IOException {
        return call(Operation.CHILDREN, prefix, () -> store.children(prefix));
    }

    @Override
    public void delete(String key) throws IOException {
        run(Operation.DELETE, key, () -> store.delete(key));
    }

    @Override
    public Stream<OpenUpload> listOpenUploads(String prefix) throws IOException {
        return call(Operation.LIST_OPEN, prefix, () -> store.listOpenUploads(prefix));
    }

    @Override
    public void abortUpload(OpenUpload upload) throws IOException {
        run(Operation.ABORT, upload.key(), () -> store.abortUpload(upload));
    }

    @Override
    public Limits limits() {
        return store.limits();
    }

    @Override
    public void close() throws IOException {
        store.close();
    }

    @Override
    public String toString() {
        return "faulty " + store;
    }
}
