package dev.moorage.simulation;

/** Unwinds the blocking call of a process that has died: nothing after this point happens. */
final class Crashed extends Error {
    private static final long serialVersionUID = 1L;

    Crashed(String process) {
        super(process + " is dead", null, false, false);
    }
}
