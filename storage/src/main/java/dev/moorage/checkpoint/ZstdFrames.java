package dev.moorage.checkpoint;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * One zstd frame for each run of bytes, with content size (RFC 8878). Contexts, which live outside of the heap, are kept for
 * the next frame until {@link #close}. Any number of threads may use it at once, on direct buffers only.
 */
final class ZstdFrames implements AutoCloseable {
    private static final int MAGIC = 0xFD2FB528;

    /** Twice a chunk: no encoder of chunks needs more, and a frame that asks for more is not one of ours. */
    private static final int WINDOW_BYTES_MAX = 8 << 20;

    /** A window as long as a chunk, so that the last row may repeat the first. */
    private static final int WINDOW_LOG_OF_CHUNK = 22;

    private static final int FAST = 1;
    private static final int BLOCK_HEADER_BYTES = 3;

    private final boolean checksum;
    private final Kept<ZstdCompressCtx> compressors;
    private final Kept<ZstdDecompressCtx> decompressors = new Kept<>(ZstdDecompressCtx::new);

    private ZstdFrames(int level, boolean checksum, UnaryOperator<ZstdCompressCtx> tuning) {
        this.checksum = checksum;
        this.compressors = new Kept<>(() -> tuning.apply(new ZstdCompressCtx()
                .setLevel(level)
                .setChecksum(checksum)
                .setContentSize(true)
                .setDictID(false)));
    }

    /**
     * Frames with a checksum, for chunks.
     *
     * @param level 1 to 22; matters to {@link #compress} only
     */
    static ZstdFrames ofLevel(int level) {
        return new ZstdFrames(level, true, context -> context);
    }

    /** Frames with a checksum, for chunks with long runs that came before, up to a whole chunk ago. */
    static ZstdFrames forRepeats() {
        return new ZstdFrames(
                1,
                true,
                context -> context.setEnableLongDistanceMatching(Zstd.ParamSwitch.ENABLE)
                        .setWindowLog(WINDOW_LOG_OF_CHUNK));
    }

    /**
     * Frames that make use of some byte values being more frequent than others, and hardly look for anything that repeats: in
     * such bytes short matches are accidents that cost more than they save. A target length above 0 would switch the entropy
     * coder off.
     */
    static ZstdFrames forSkewedBytes(boolean checksum) {
        return new ZstdFrames(
                1,
                checksum,
                context -> context.setStrategy(FAST)
                        .setMinMatch(7)
                        .setHashLog(6)
                        .setTargetLength(0)
                        .setWindowLog(19));
    }

    /**
     * Fills {@code packed} from its beginning with one frame of the remaining bytes of {@code raw}, which stays as it is.
     *
     * @return {@code packed}, its remaining bytes the frame
     */
    ByteBuffer compress(ByteBuffer raw, ByteBuffer packed) throws IOException {
        packed.clear();
        int bytes = compress(raw, raw.position(), raw.remaining(), packed);
        return packed.position(0).limit(bytes);
    }

    /**
     * Writes one frame of some bytes of {@code raw} at the position of {@code packed}, which stays as it is.
     *
     * @return length of the frame
     */
    int compress(ByteBuffer raw, int at, int bytes, ByteBuffer packed) throws IOException {
        ZstdCompressCtx context = compressors.take();
        try {
            return context.compressDirectByteBuffer(packed, packed.position(), packed.remaining(), raw, at, bytes);
        } catch (ZstdException failure) {
            throw new IOException("zstd failed to compress a chunk: " + failure.getMessage(), failure);
        } finally {
            compressors.giveBack(context);
        }
    }

    /** The checksum at the end of a frame of {@link #ofLevel}: the low 32 bits of XXH64 of the raw bytes. */
    static int checksum(ByteBuffer frame) {
        return frame.duplicate().order(ByteOrder.LITTLE_ENDIAN).getInt(frame.limit() - Integer.BYTES);
    }

    /**
     * Decodes a frame into exactly {@code rawBytes} bytes from the beginning of {@code raw}; never writes more.
     *
     * @return what is wrong with the frame; empty when {@code raw} holds the bytes, from its position to its limit
     */
    Optional<String> decompress(ByteBuffer frame, ByteBuffer raw, int rawBytes) {
        Optional<String> damage = decompress(frame, raw, 0, rawBytes);
        if (damage.isEmpty()) {
            raw.limit(rawBytes).position(0);
        }
        return damage;
    }

    /**
     * Decodes a frame into exactly {@code rawBytes} bytes of {@code raw}; never writes more.
     *
     * @param frame its remaining bytes are one frame, and nothing else
     * @return what is wrong with the frame; empty when {@code raw} holds the bytes
     */
    Optional<String> decompress(ByteBuffer frame, ByteBuffer raw, int at, int rawBytes) {
        Optional<String> wrong = wrongHeader(frame, rawBytes);
        if (wrong.isPresent()) {
            return wrong;
        }
        long frameBytes = Zstd.findDirectByteBufferFrameCompressedSize(frame, frame.position(), frame.remaining());
        if (frameBytes != frame.remaining()) {
            return Optional.of(
                    Zstd.isError(frameBytes)
                            ? "the zstd frame is damaged: " + Zstd.getErrorName(frameBytes)
                            : "the zstd frame has " + frameBytes + " bytes, expected " + frame.remaining());
        }
        ZstdDecompressCtx context = decompressors.take();
        try {
            int bytes =
                    context.decompressDirectByteBuffer(raw, at, rawBytes, frame, frame.position(), frame.remaining());
            return bytes == rawBytes
                    ? Optional.empty()
                    : Optional.of("the zstd frame holds " + bytes + " bytes, expected " + rawBytes);
        } catch (ZstdException damaged) {
            return Optional.of("the zstd frame does not decompress: " + damaged.getMessage());
        } finally {
            decompressors.giveBack(context);
        }
    }

    private Optional<String> wrongHeader(ByteBuffer frame, int rawBytes) {
        ByteBuffer in = frame.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (in.remaining() <= Integer.BYTES) {
            return cutShort(in);
        }
        if (in.getInt() != MAGIC) {
            return Optional.of("the bytes are not a zstd frame");
        }
        int descriptor = in.get();
        boolean singleSegment = (descriptor & 0x20) != 0;
        if (((descriptor & 0x04) != 0) != checksum || (descriptor & 0x0B) != 0) {
            return Optional.of(
                    "the zstd frame has " + (checksum ? "no" : "a") + " checksum, or a dictionary or a reserved bit");
        }
        int sizeFlag = (descriptor & 0xC0) >> 6;
        int restOfHeader = (singleSegment ? 0 : 1) + (sizeFlag == 0 ? 1 : 1 << sizeFlag);
        if (in.remaining() < restOfHeader + BLOCK_HEADER_BYTES) {
            return cutShort(in);
        }
        if (!singleSegment) {
            long window = window(in.get());
            if (window > WINDOW_BYTES_MAX) {
                return Optional.of("the zstd frame asks for a window of " + window + " bytes");
            }
        }
        long declared = contentSize(in, sizeFlag, singleSegment);
        return declared == rawBytes
                ? Optional.empty()
                : Optional.of("the zstd frame declares " + declared + " bytes, expected " + rawBytes);
    }

    /** Five bits of exponent, and three that say how many eighths are added. */
    private static long window(byte descriptor) {
        long base = 1L << (10 + ((descriptor & 0xFF) >> 3));
        return base + base / 8 * (descriptor & 7);
    }

    private static Optional<String> cutShort(ByteBuffer in) {
        return Optional.of("the zstd frame is cut short: " + in.limit() + " bytes");
    }

    private static long contentSize(ByteBuffer in, int flag, boolean singleSegment) {
        return switch (flag) {
            case 0 -> singleSegment ? in.get() & 0xFF : -1;
            case 1 -> (in.getShort() & 0xFFFF) + 256;
            case 2 -> in.getInt() & 0xFFFF_FFFFL;
            default -> in.getLong();
        };
    }

    @Override
    public void close() {
        compressors.forEach(ZstdCompressCtx::close);
        decompressors.forEach(ZstdDecompressCtx::close);
    }
}
