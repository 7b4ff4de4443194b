package dev.moorage.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Optional;

/**
 * The bytes of a chunk that is stored in planes: a head that says how elements were split and how long each plane is, the
 * planes from the lowest byte of an element to the highest, and the bytes that are no whole element. A plane as long as
 * there are elements is stored as it is, a shorter one is a zstd frame.
 *
 * <p>Both directions work in two buffers, and the result takes the place of what was given. Any number of threads may use it
 * at once, on direct buffers only; no byte of a chunk ever lies in the heap for longer than a tile.
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
     * @param stored from its first byte; whatever it holds, nothing is written outside of either buffer
     * @param planes scratch, at least {@code rawBytes} long
     * @return what is wrong with the stored bytes; empty when {@code stored} holds the raw ones instead
     */
    Optional<String> decode(ByteBuffer stored, ByteBuffer planes, int rawBytes) {
        ByteBuffer head = stored.duplicate().order(ByteOrder.LITTLE_ENDIAN);
        Optional<String> wrong = wrongHead(head, rawBytes);
        if (wrong.isPresent()) {
            return wrong;
        }
        int width = head.get(0);
        int elements = rawBytes / width;
        planes.clear();
        int at = headBytes(width);
        for (int plane = 0; plane < width; plane++) {
            int length = head.getInt(PREFIX_BYTES + plane * Integer.BYTES);
            if (length == elements) {
                planes.put(plane * elements, stored, at, elements);
            } else {
                Optional<String> damage =
                        frames.decompress(stored.slice(at, length), planes, plane * elements, elements);
                if (damage.isPresent()) {
                    return Optional.of("plane " + plane + ": " + damage.get());
                }
            }
            at += length;
        }
        int rest = rawBytes - elements * width;
        planes.put(elements * width, stored, at, rest);

        PlaneLayout layout = new PlaneLayout(width, head.get(1));
        ByteBuffer raw = stored.clear();
        Planes workbench = workbenches.take();
        workbench.merge(layout, planes, elements, raw);
        workbenches.giveBack(workbench);
        raw.put(elements * width, planes, elements * width, rest).limit(rawBytes);
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
