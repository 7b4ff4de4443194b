package dev.moorage.protocol;

import java.security.SecureRandom;
import java.util.HexFormat;

/** 128 random bits as hex. The one source of randomness behind {@code random()} of the ids. */
final class RandomHex {
    private static final SecureRandom SOURCE = new SecureRandom();

    private RandomHex() {}

    static String next() {
        byte[] bits = new byte[16];
        SOURCE.nextBytes(bits);
        return HexFormat.of().formatHex(bits);
    }
}
