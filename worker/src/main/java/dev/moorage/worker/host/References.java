package dev.moorage.worker.host;

import dev.moorage.checkpoint.ShardSource;
import dev.moorage.worker.core.SegmentId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shards that were staged without a copy, in an embedded cluster. Safe for any number of threads. */
public final class References {
    private static final Logger LOG = LoggerFactory.getLogger(References.class);

    private final Map<SegmentId, ShardSource> sources = new ConcurrentHashMap<>();

    /** Keeps a source open until {@link #forget}. */
    void keep(SegmentId id, ShardSource source) {
        sources.put(id, source);
    }

    /** The source under a cover: closing that closes nothing. */
    Optional<ShardSource> open(SegmentId id) {
        return Optional.ofNullable(sources.get(id)).map(Borrowed::new);
    }

    /** Closes the source; false if there is none. */
    boolean forget(SegmentId id) {
        ShardSource source = sources.remove(id);
        if (source != null) {
            close(source);
        }
        return source != null;
    }

    /** Closes all that are left. */
    public void closeAll() {
        List.copyOf(sources.keySet()).forEach(this::forget);
    }

    static void close(ShardSource source) {
        try {
            source.close();
        } catch (IOException failure) {
            // It was only read from.
            LOG.debug("a source of staged bytes was not closed", failure);
        }
    }

    private record Borrowed(ShardSource source) implements ShardSource {
        @Override
        public long length() {
            return source.length();
        }

        @Override
        public void read(long position, ByteBuffer target) throws IOException {
            source.read(position, target);
        }

        @Override
        public void close() {}
    }
}
