package dev.moorage.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * The bytes of a chunk that is stored in planes: a head that says how elements were split and how long each plane is, the
 * planes from the lowest byte of an element to the highest, and the bytes that are no whole element. A plane as long as
 * there are elements is stored as it is, a shorter one is a zstd frame.
 *
 * <p>Any number of threads may use it at once, on direct buffers only. Of a chunk, each thread has no more in the heap than the
 * tile it works on ({@link Planes}), which stays there until the next tile takes its place.
 */
final class PlaneCodec implements AutoCloseable {
    /** Width, rotation, two zeros; then the lengths. */
    private static final int PREFIX_BYTES = 4;

    private static final int WIDTH_MAX = 8;

    private final ZstdFrames frames = ZstdFrames.forSkewedBytes(false);
    private final Kept<Planes> workbenches = new Kept<>(Planes::new);

    /** Length of the head. */
    static int headBytes(int width) {
        return PREFIX_BYTES + width * Integer.BYTES;
    }

    /**
     * Turns raw bytes into stored ones.
     *
     * @param raw the chunk, from its first byte; becomes the stored bytes. Needs room for what zstd may add to a plane
     * @param planes scratch, at least as long as the chunk
     * @param packed which planes to try zstd on: bit n for plane n. One that does not shrink is stored as it is
     */
    void encode(PlaneLayout layout, int packed, ByteBuffer raw, ByteBuffer planes) throws IOException {
        int width = layout.width();
        int bytes = raw.remaining();
        int elements = bytes / width;
        split(layout, raw, elements, planes.clear());
        int rest = bytes - elements * width;
        planes.put(elements * width, raw, elements * width, rest);

        ByteBuffer stored = raw.clear().order(ByteOrder.LITTLE_ENDIAN);
        stored.put((byte) width).put((byte) layout.rotation()).putShort((short) 0);
        stored.position(headBytes(width));
        for (int plane = 0; plane < width; plane++) {
            int length = elements;
            if ((packed >>> plane & 1) != 0 && elements > 0) {
                length = Math.min(elements, frames.compress(planes, plane * elements, elements, stored));
            }
            if (length == elements) {
                stored.put(stored.position(), planes, plane * elements, elements);
            }
            stored.putInt(PREFIX_BYTES + plane * Integer.BYTES, length);
            stored.position(stored.position() + length);
        }
        stored.put(stored.position(), planes, elements * width, rest);
        stored.limit(stored.position() + rest).position(0);
    }

    private void split(PlaneLayout layout, ByteBuffer raw, int elements, ByteBuffer planes) {
        Planes workbench = workbenches.take();
        workbench.split(layout, raw, elements, planes);
        workbenches.giveBack(workbench);
    }

    /**
     * Turns stored bytes into exactly {@code rawBytes} raw ones.
     *
     * @param stored from its first byte, stays as it is; whatever it holds, nothing is written beyond {@code rawBytes} of the others
     * @param planes scratch for the planes that are packed, at least {@code rawBytes} long
     * @param raw another buffer as long
     * @param seen given the raw bytes in their order, piece by piece
     * @return what is wrong with the stored bytes; empty when {@code raw} holds the raw ones, from its position to its limit
     */
    Optional<String> decode(
            ByteBuffer stored, ByteBuffer planes, ByteBuffer raw, int rawBytes, Consumer<ByteBuffer> seen) {
        ByteBuffer head = stored.slice().order(ByteOrder.LITTLE_ENDIAN);
        Optional<String> wrong = wrongHead(head, rawBytes);
        if (wrong.isPresent()) {
            return wrong;
        }
        int width = head.get(0);
        int elements = rawBytes / width;
        List<ByteBuffer> unpacked = new ArrayList<>(width);
        int at = headBytes(width);
        for (int plane = 0; plane < width; plane++) {
            int length = head.getInt(PREFIX_BYTES + plane * Integer.BYTES);
            ByteBuffer packed = head.slice(at, length);
            ByteBuffer room = planes.clear().slice(plane * elements, elements);
            Optional<String> damage = length == elements ? Optional.empty() : frames.decompress(packed, room, elements);
            if (damage.isPresent()) {
                return Optional.of("plane " + plane + ": " + damage.get());
            }
            unpacked.add(length == elements ? packed : room);
            at += length;
        }
        raw.clear().limit(rawBytes);
        Planes workbench = workbenches.take();
        workbench.merge(new PlaneLayout(width, head.get(1)), unpacked, elements, raw, seen);
        workbenches.giveBack(workbench);
        int rest = rawBytes - elements * width;
        raw.put(elements * width, head, at, rest);
        seen.accept(raw.slice(elements * width, rest));
        return Optional.empty();
    }

    /** Looks at the head alone: that it is one, and that its lengths add up to what there is. */
    private static Optional<String> wrongHead(ByteBuffer head, int rawBytes) {
        int width = head.remaining() < PREFIX_BYTES ? 0 : head.get(0);
        if (Integer.bitCount(width) != 1 || width < 2 || width > WIDTH_MAX || head.remaining() < headBytes(width)) {
            return Optional.of("the head of the planes is damaged or cut short: elements of " + width
                    + " bytes in a chunk of " + head.remaining());
        }
        if (head.get(1) < 0 || head.get(1) >= Short.SIZE || head.getShort(2) != 0) {
            return Optional.of(
                    "the head of the planes has a rotation of " + head.get(1) + " or a bit that is not known here");
        }
        int elements = rawBytes / width;
        int bytes = headBytes(width) + (rawBytes - elements * width);
        for (int plane = 0; plane < width; plane++) {
            int length = head.getInt(PREFIX_BYTES + plane * Integer.BYTES);
            if (length < 0 || length > elements) {
                return Optional.of("plane " + plane + " has " + Integer.toUnsignedString(length) + " bytes of at most "
                        + elements);
            }
            bytes += length;
        }
        return bytes == head.remaining()
                ? Optional.empty()
                : Optional.of("the planes have " + bytes + " bytes, expected " + head.remaining());
    }

    @Override
    public void close() {
        frames.close();
    }
}
