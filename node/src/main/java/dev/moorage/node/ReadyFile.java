package dev.moorage.node;

import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.stream.Collectors;

/** What a daemon tells a script once it is ready: lines of {@code key=value} in a file that appears whole. */
final class ReadyFile {
    private ReadyFile() {}

    /**
     * Writes the file, replacing an older one.
     *
     * @throws CheckpointException INVALID if it cannot be written
     */
    static void write(Path file, Map<String, String> facts) {
        Path draft = file.resolveSibling(
                file.getFileName() + ".tmp-" + ProcessHandle.current().pid());
        String text = facts.entrySet().stream()
                .map(fact -> fact.getKey() + "=" + fact.getValue() + "\n")
                .collect(Collectors.joining());
        try {
            Files.writeString(draft, text);
            Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException failure) {
            throw new CheckpointException(
                    FailureKind.INVALID, "cannot write the ready file " + file + ": " + failure, failure);
        }
    }
}
