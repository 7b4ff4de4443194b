package dev.moorage.protocol;

import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.zip.CRC32C;

/**
 * A CRC32C (Castagnoli, RFC 3720 appendix B.4). Written as 8 lower-case hex digits.
 *
 * @param value the 32 bits
 */
public record Crc32c(int value) {
    /** The sum of no bytes at all. */
    public static final Crc32c EMPTY = new Crc32c(0);

    /** Castagnoli's polynomial, bits reflected. */
    private static final int POLYNOMIAL = 0x82F63B78;

    /** x^(8 * 2^k) modulo the polynomial: what 2^k zero bytes multiply a sum by. */
    private static final int[] ZERO_BYTES = zeroBytes();

    /** The sum of the remaining bytes of {@code bytes}, whose position stays where it is. */
    public static Crc32c of(ByteBuffer bytes) {
        CRC32C sum = new CRC32C();
        sum.update(bytes.duplicate());
        return new Crc32c((int) sum.getValue());
    }

    /**
     * Reads 8 hex digits.
     *
     * @throws CheckpointException INVALID for anything else
     */
    public static Crc32c parse(String hex) {
        try {
            if (hex.length() == 8) {
                return new Crc32c(HexFormat.fromHexDigits(hex));
            }
        } catch (IllegalArgumentException notHex) {
            // Falls through to the one message.
        }
        throw CheckpointException.invalid("a CRC32C is 8 hex digits, was " + Check.quote(hex));
    }

    /**
     * The sum of these bytes followed by others, without reading any: multiplies this sum by x^(8 n) over GF(2), which is
     * what appending n bytes does to it, and adds the other sum (the method of zlib's {@code crc32_combine}).
     *
     * @param next sum of the bytes that follow
     * @param nextBytes how many they are, at least 0
     */
    public Crc32c followedBy(Crc32c next, long nextBytes) {
        Check.range("length of bytes", nextBytes, 0, Long.MAX_VALUE);
        int shifted = value;
        for (int bit = 0; bit < 63; bit++) {
            if ((nextBytes >>> bit & 1) != 0) {
                shifted = product(ZERO_BYTES[bit], shifted);
            }
        }
        return new Crc32c(shifted ^ next.value);
    }

    /** Product of two polynomials modulo the generator, coefficients in reflected order (x^0 is the top bit). */
    private static int product(int a, int b) {
        int sum = 0;
        for (int left = a; left != 0; left <<= 1) {
            if (left < 0) {
                sum ^= b;
            }
            b = (b & 1) != 0 ? b >>> 1 ^ POLYNOMIAL : b >>> 1;
        }
        return sum;
    }

    private static int[] zeroBytes() {
        int[] powers = new int[63];
        int x8 = 1 << (31 - 8);
        for (int k = 0; k < powers.length; k++) {
            powers[k] = x8;
            x8 = product(x8, x8);
        }
        return powers;
    }

    @Override
    public String toString() {
        return HexFormat.of().toHexDigits(value);
    }
}
