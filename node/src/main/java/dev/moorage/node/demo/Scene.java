package dev.moorage.node.demo;

/** One thing that the demo shows. */
interface Scene {
    /** A few words for the heading. */
    String title();

    /**
     * Does it, and checks what came of it.
     *
     * @throws dev.moorage.protocol.CheckpointException if it did not come out as it must
     */
    void run(Stage stage) throws Exception;
}
