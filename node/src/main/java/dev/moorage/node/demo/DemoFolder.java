package dev.moorage.node.demo;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where the demo keeps what it leaves behind.
 *
 * @param root its own folder, named at the end
 */
record DemoFolder(Path root) {
    /**
     * Makes a new one in the temporary directory.
     *
     * @throws CheckpointException UNAVAILABLE if that cannot be
     */
    static DemoFolder make() {
        try {
            DemoFolder folder = new DemoFolder(Files.createTempDirectory("moorage-demo-"));
            Files.createDirectories(folder.logs());
            return folder;
        } catch (IOException failure) {
            throw new CheckpointException(
                    FailureKind.UNAVAILABLE, "cannot make a folder for the demo: " + failure, failure);
        }
    }

    Path store() {
        return root.resolve("store");
    }

    Path logs() {
        return root.resolve("logs");
    }

    Path restored() {
        return root.resolve("restored");
    }
}
