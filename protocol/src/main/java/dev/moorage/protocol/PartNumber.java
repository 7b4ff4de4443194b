package dev.moorage.protocol;

/** A part of an attempt, 0 to 999,999. */
public record PartNumber(int value) implements Comparable<PartNumber> {
    public PartNumber {
        Check.range("part number", value, 0, 999_999);
    }

    @Override
    public int compareTo(PartNumber other) {
        return Integer.compare(value, other.value);
    }

    @Override
    public String toString() {
        return Integer.toString(value);
    }
}
