package dev.moorage.protocol;

import java.util.Optional;
import java.util.stream.Stream;

/** An element type, by its name in the safetensors format. */
public enum Dtype {
    BOOL(1),
    U8(1),
    I8(1),
    F8_E5M2(1),
    F8_E4M3(1),
    F8_E8M0(1),
    I16(2),
    U16(2),
    F16(2),
    BF16(2),
    I32(4),
    U32(4),
    F32(4),
    C64(8),
    I64(8),
    U64(8),
    F64(8);

    private final int bytes;

    Dtype(int bytes) {
        this.bytes = bytes;
    }

    /** Length of one element in bytes. */
    public int bytes() {
        return bytes;
    }

    /** The type of that name, empty for an unknown one. */
    public static Optional<Dtype> named(String name) {
        return Stream.of(values()).filter(type -> type.name().equals(name)).findFirst();
    }
}
