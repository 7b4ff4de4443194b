package dev.moorage.client.command;

import dev.moorage.protocol.CheckpointState;
import dev.moorage.protocol.VerificationStatus;

/** What a word is shown in on a terminal. */
enum Colour {
    PLAIN(""),
    GOOD("32"),
    WARNING("33"),
    BAD("31;1"),
    QUIET("2"),
    TITLE("1");

    private final String code;

    Colour(String code) {
        this.code = code;
    }

    String paint(String text, boolean coloured) {
        return coloured && this != PLAIN ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }

    static Colour of(CheckpointState state) {
        return switch (state) {
            case COMMITTED -> GOOD;
            case STAGING, UPLOADING, SEALING -> WARNING;
            case ABORTED, DELETED -> QUIET;
        };
    }

    static Colour of(VerificationStatus status) {
        return switch (status) {
            case VERIFIED -> GOOD;
            case ATTESTED, NONE -> PLAIN;
            case INCOMPLETE -> WARNING;
            case CORRUPT -> BAD;
        };
    }
}
