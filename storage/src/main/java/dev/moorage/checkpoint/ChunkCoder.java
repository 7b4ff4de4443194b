package dev.moorage.checkpoint;

import dev.moorage.protocol.Codec;
import dev.moorage.protocol.Crc32c;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Turns raw chunks into stored ones, by the codec of the shard. Used by several lanes at once, on direct buffers only;
 * {@link #close} gives back what lies outside of the heap.
 */
final class ChunkCoder implements AutoCloseable {
    private final Codec codec;
    private final ZstdFrames frames;
    private final ZstdFrames repeats = ZstdFrames.forRepeats();
    private final ZstdFrames skewed = ZstdFrames.forSkewedBytes(true);
    private final PlaneCodec planes = new PlaneCodec();
    private final Kept<CodecChoice> choices;

    /**
     * A chunk on its way to the store.
     *
     * @param stored its remaining bytes are what is stored
     */
    record Coded(ChunkEntry entry, ByteBuffer stored) {}

    ChunkCoder(Codec codec) {
        this.codec = codec;
        this.frames = ZstdFrames.ofLevel(codec.kind() == Codec.Kind.ZSTD ? codec.level() : CodecChoice.LEVEL);
        this.choices = new Kept<>(() -> new CodecChoice(frames, skewed));
    }

    /** How many buffers a chunk takes. */
    int buffersPerChunk() {
        return codec.kind() == Codec.Kind.NONE ? 1 : 2;
    }

    /**
     * Codes a chunk.
     *
     * @param raw from the first byte of its buffer; may be overwritten
     * @param scratch another buffer of the pool; not used by codec {@code none}
     * @return in one of the two buffers
     */
    Coded code(ByteBuffer raw, ByteBuffer scratch, ChunkContent content) throws IOException {
        Crc32c rawCrc = Crc32c.of(raw);
        return switch (codec.kind()) {
            case NONE -> asItIs(raw, rawCrc);
            case ZSTD -> framed(frames.compress(raw, scratch), raw, rawCrc);
            case PLANES, AUTO -> chosen(raw, scratch, rawCrc, content);
        };
    }

    private Coded chosen(ByteBuffer raw, ByteBuffer scratch, Crc32c rawCrc, ChunkContent content) throws IOException {
        CodecChoice choice = choices.take();
        try {
            return switch (choice.of(raw, scratch, content, codec.kind() == Codec.Kind.PLANES)) {
                case RAW -> asItIs(raw, rawCrc);
                case ZSTD -> ifSmaller(frames, raw, scratch, rawCrc);
                case ZSTD_REPEATS -> ifSmaller(repeats, raw, scratch, rawCrc);
                case ZSTD_SKEWED -> ifSmaller(skewed, raw, scratch, rawCrc);
                case PLANES -> {
                    int bytes = raw.remaining();
                    planes.encode(content.layout().orElseThrow(), choice.packedPlanes(), raw, scratch);
                    yield new Coded(entry(bytes, raw, rawCrc, ChunkEntry.Coding.PLANES), raw);
                }
            };
        } finally {
            choices.giveBack(choice);
        }
    }

    private static Coded ifSmaller(ZstdFrames frames, ByteBuffer raw, ByteBuffer scratch, Crc32c rawCrc)
            throws IOException {
        ByteBuffer frame = frames.compress(raw, scratch);
        return CodecChoice.gains(frame.remaining(), raw.remaining()) ? framed(frame, raw, rawCrc) : asItIs(raw, rawCrc);
    }

    private static Coded asItIs(ByteBuffer raw, Crc32c rawCrc) {
        int bytes = raw.remaining();
        return new Coded(new ChunkEntry(bytes, bytes, rawCrc, rawCrc, ChunkEntry.Coding.RAW), raw);
    }

    private static Coded framed(ByteBuffer frame, ByteBuffer raw, Crc32c rawCrc) {
        return new Coded(entry(raw.remaining(), frame, rawCrc, ChunkEntry.Coding.ZSTD), frame);
    }

    private static ChunkEntry entry(int rawBytes, ByteBuffer stored, Crc32c rawCrc, ChunkEntry.Coding coding) {
        return new ChunkEntry(rawBytes, stored.remaining(), rawCrc, Crc32c.of(stored), coding);
    }

    @Override
    public void close() {
        frames.close();
        repeats.close();
        skewed.close();
        planes.close();
    }
}
