package dev.moorage.checkpoint;

import com.github.luben.zstd.Zstd;
import com.github.luben.zstd.ZstdCompressCtx;
import com.github.luben.zstd.ZstdDecompressCtx;
import com.github.luben.zstd.ZstdException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * One zstd frame per chunk, with content size and checksum (RFC 8878). Contexts, which live outside of the heap, are kept
 * for the next chunk until {@link #close}. Any number of threads may use it at once, on direct buffers only.
 */
final class ZstdFrames implements AutoCloseable {
    private static final int MAGIC = 0xFD2FB528;

    /** Twice a chunk: no encoder of chunks needs more, and a frame that asks for more is not one of ours. */
    private static final int WINDOW_LOG_MAX = 23;

    /** Magic, descriptor, content size, one block of one byte, checksum; also the longest header. */
    private static final int FRAME_BYTES_MIN = 14;

    private final int level;
    private final ConcurrentLinkedQueue<ZstdCompressCtx> compressors = new ConcurrentLinkedQueue<>();
    private final ConcurrentLinkedQueue<ZstdDecompressCtx> decompressors = new ConcurrentLinkedQueue<>();

    /** @param level 1 to 22; matters to {@link #compress} only */
    ZstdFrames(int level) {
        this.level = level;
    }

    /**
     * Fills {@code packed} from its beginning with one frame of the remaining bytes of {@code raw}, which stays as it is.
     *
     * @return {@code packed}, its remaining bytes the frame
     */
    ByteBuffer compress(ByteBuffer raw, ByteBuffer packed) throws IOException {
        ZstdCompressCtx context = compressors.poll();
        if (context == null) {
            context = new ZstdCompressCtx()
                    .setLevel(level)
                    .setChecksum(true)
                    .setContentSize(true)
                    .setDictID(false);
        }
        try {
            int bytes = context.compressDirectByteBuffer(
                    packed, 0, packed.capacity(), raw, raw.position(), raw.remaining());
            return packed.limit(bytes).position(0);
        } catch (ZstdException failure) {
            throw new IOException("zstd failed to compress a chunk: " + failure.getMessage(), failure);
        } finally {
            compressors.add(context);
        }
    }

    /** The checksum at the end of a frame that {@link #compress} made: the low 32 bits of XXH64 of the raw bytes. */
    static int checksum(ByteBuffer frame) {
        return frame.duplicate().order(ByteOrder.LITTLE_ENDIAN).getInt(frame.limit() - Integer.BYTES);
    }

    /**
     * Decodes a frame into exactly {@code rawBytes} bytes from the beginning of {@code raw}; never writes more.
     *
     * @return what is wrong with the frame; empty when {@code raw} holds the bytes
     */
    Optional<String> decompress(ByteBuffer frame, ByteBuffer raw, int rawBytes) {
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
        ZstdDecompressCtx context = decompressors.poll();
        if (context == null) {
            context = new ZstdDecompressCtx();
        }
        try {
            int bytes =
                    context.decompressDirectByteBuffer(raw, 0, rawBytes, frame, frame.position(), frame.remaining());
            raw.limit(rawBytes).position(0);
            return bytes == rawBytes
                    ? Optional.empty()
                    : Optional.of("the zstd frame holds " + bytes + " bytes, expected " + rawBytes);
        } catch (ZstdException damaged) {
            return Optional.of("the zstd frame does not decompress: " + damaged.getMessage());
        } finally {
            decompressors.add(context);
        }
    }

    private static Optional<String> wrongHeader(ByteBuffer frame, int rawBytes) {
        ByteBuffer in = frame.slice().order(ByteOrder.LITTLE_ENDIAN);
        if (in.remaining() < FRAME_BYTES_MIN) {
            return Optional.of("the zstd frame is cut short: " + in.remaining() + " bytes");
        }
        if (in.getInt() != MAGIC) {
            return Optional.of("the bytes are not a zstd frame");
        }
        int descriptor = in.get();
        boolean singleSegment = (descriptor & 0x20) != 0;
        boolean checksum = (descriptor & 0x04) != 0;
        if (!checksum || (descriptor & 0x0B) != 0) {
            return Optional.of("the zstd frame has no checksum, a dictionary or a reserved bit");
        }
        if (!singleSegment) {
            int windowLog = 10 + ((in.get() & 0xFF) >> 3);
            if (windowLog > WINDOW_LOG_MAX) {
                return Optional.of("the zstd frame asks for a window of 2^" + windowLog + " bytes");
            }
        }
        long declared = contentSize(in, (descriptor & 0xC0) >> 6, singleSegment);
        return declared == rawBytes
                ? Optional.empty()
                : Optional.of("the zstd frame declares " + declared + " bytes, expected " + rawBytes);
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
