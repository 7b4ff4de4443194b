package dev.moorage.simulation;

import java.util.HexFormat;
import java.util.List;
import java.util.SplittableRandom;

/** The one source of everything random in a simulation. */
final class Chance {
    private final SplittableRandom random;

    Chance(long seed) {
        this.random = new SplittableRandom(seed);
    }

    boolean of(double probability) {
        return random.nextDouble() < probability;
    }

    /** From {@code least} to {@code most}, both included. */
    long between(long least, long most) {
        return random.nextLong(least, most + 1);
    }

    int below(int bound) {
        return random.nextInt(bound);
    }

    <T> T oneOf(List<T> choices) {
        return choices.get(below(choices.size()));
    }

    /** 0 half of the time, else between {@code least} and {@code most}. */
    double strength(double least, double most) {
        boolean off = random.nextBoolean();
        double drawn = least + random.nextDouble() * (most - least);
        return off ? 0 : drawn;
    }

    /** 32 hex digits. */
    String hex() {
        return HexFormat.of().toHexDigits(random.nextLong()) + HexFormat.of().toHexDigits(random.nextLong());
    }
}
