package dev.moorage.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.moorage.protocol.Crc32c;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class ThrottledStoreTest implements ObjectStoreContract, StoreRacesContract {
    private static final Bandwidth GENEROUS =
            new Bandwidth(OptionalLong.of(1_000_000_000_000L), OptionalLong.of(1_000_000_000_000L));

    private final ObjectStore generous = new ThrottledStore(new MemoryStore(), GENEROUS, TokenBucket.Time.REAL);
    private final VirtualTime time = new VirtualTime();

    @Override
    public ObjectStore store() {
        return generous;
    }

    private ObjectStore limited(OptionalLong upload, OptionalLong read) {
        return new ThrottledStore(new MemoryStore(), new Bandwidth(upload, read), time);
    }

    private static void write(ObjectStore store, String key, int megabytes) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(1_000_000);
        Crc32c sum = Crc32c.EMPTY;
        try (ObjectStore.Upload upload = store.upload(key)) {
            for (int i = 0; i < megabytes; i++) {
                sum = sum.followedBy(Crc32c.of(bytes.clear()), 1_000_000);
                upload.write(bytes.clear());
            }
            upload.commit(megabytes * 1_000_000L, sum);
        }
    }

    @Test
    void uploads_pass_at_their_rate_and_share_it() throws IOException {
        ObjectStore store = limited(OptionalLong.of(2_000_000), OptionalLong.empty());
        write(store, "a", 4);
        write(store, "b", 4);
        assertThat(time.nanos()).as("the last of 8 MB begins after 7 at 2 MB/s").isEqualTo(3_500_000_000L);
        store.read("a", 0, ByteBuffer.allocate(4_000_000));
        assertThat(time.nanos()).as("reads are not limited here").isEqualTo(3_500_000_000L);
    }

    @Test
    void reads_pass_at_theirs() throws IOException {
        ObjectStore store = limited(OptionalLong.empty(), OptionalLong.of(1_000_000));
        write(store, "a", 3);
        assertThat(time.nanos()).as("uploads are not limited here").isZero();
        store.read("a", 0, ByteBuffer.allocate(3_000_000));
        store.read("a", 0, ByteBuffer.allocate(1));
        assertThat(time.nanos()).isEqualTo(3_000_000_000L);
    }

    @Test
    void small_objects_never_wait() throws IOException {
        ObjectStore store = limited(OptionalLong.of(1_000_000), OptionalLong.of(1_000_000));
        write(store, "a", 60);
        long before = time.nanos();
        store.createOnce("decision", ByteBuffer.wrap(new byte[] {1}), Duration.ofSeconds(1));
        store.stat("decision");
        store.readAll("decision", 10);
        store.children("");
        assertThat(time.nanos()).isEqualTo(before);
    }
}
