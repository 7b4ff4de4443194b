package dev.moorage.protocol;

/** One try at saving a step, 1 to 9999. At most one attempt of a step ever becomes visible. */
public record Attempt(int value) implements Comparable<Attempt> {
    public Attempt {
        Check.range("attempt", value, 1, 9_999);
    }

    @Override
    public int compareTo(Attempt other) {
        return Integer.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Integer.toString(value);
    }
}
