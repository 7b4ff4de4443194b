package dev.moorage.client.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moorage.checkpoint.FileTarget;
import dev.moorage.checkpoint.Selected;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Rank;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
        name = "cat",
        description = {
            "Writes the raw bytes of one tensor, verified; slices are put together to the whole tensor.",
            "Reads only the chunks that hold it, from the store, in this process."
        })
final class CatCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private Where where;

    @Mixin
    private JobStep target;

    @Option(names = "--tensor", paramLabel = "NAME", required = true, description = "The tensor.")
    private String tensor;

    @Option(names = "--rank", paramLabel = "N", description = "The tensor, or slice, of this rank.")
    private Integer rank;

    @Option(names = "--out", paramLabel = "FILE", description = "A new file for the bytes instead of standard output.")
    private Path out;

    CatCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        JobName name = target.job();
        checkTarget();
        try (OpenStore store = OpenStore.forReading(where.needStore(terminal, "cat"))) {
            Selected selected = store.catalog().select(name, target.selector());
            StoreLibrary.chosen(selected).tell(terminal);
            TensorPieces pieces = TensorPieces.find(
                    store.shardsAround(selected.manifest(), tensor),
                    tensor,
                    Optional.ofNullable(rank).map(Rank::new));
            // Bytes reach their destination only once all of them are proved, so they are put together aside first.
            Path destination = out == null ? spool() : out;
            try (NewFiles files = new NewFiles(false)) {
                FileTarget whole = files.create(destination);
                pieces.pieces()
                        .forEach(piece -> store.reader()
                                .readTensor(
                                        selected.manifest().attempt(),
                                        piece.shard().stored(),
                                        piece.shard().detail(),
                                        piece.entry(),
                                        pieces.place(piece, whole)));
                files.complete(destination);
                if (out == null) {
                    copyToOut(files.hidden(destination));
                } else {
                    files.publish();
                }
            }
            if (where.isJson()) {
                Json.print(terminal, json(selected, pieces));
            } else if (out != null) {
                TensorPieces.Piece first = pieces.pieces().get(0);
                terminal.remark("wrote " + Wording.bytes(pieces.bytes()) + ", "
                        + first.entry().dtype() + " " + pieces.shape() + ", to " + out);
            }
        }
        return 0;
    }

    private void checkTarget() {
        if (out == null && terminal.outInteractive()) {
            throw CheckpointException.invalid("raw bytes are not written to a terminal; name a file with --out, or pipe"
                    + " them on: moorage cat … | od -t f4");
        }
        if (out == null && where.isJson()) {
            throw CheckpointException.invalid("--json needs standard output for itself; name a file with --out");
        }
        if (out != null && Files.exists(out, LinkOption.NOFOLLOW_LINKS)) {
            throw CheckpointException.invalid(out + " is there and is not replaced; name another file");
        }
    }

    private static Path spool() {
        return Path.of(System.getProperty("java.io.tmpdir"), "tensor");
    }

    private void copyToOut(Path spool) {
        try {
            Files.copy(spool, terminal.out());
        } catch (IOException failure) {
            throw new CheckpointException(
                    FailureKind.UNAVAILABLE, "cannot write to standard output: " + failure.getMessage(), failure);
        }
        if (terminal.out().checkError()) {
            throw CheckpointException.unavailable("standard output was closed before all bytes were written");
        }
    }

    private ObjectNode json(Selected selected, TensorPieces pieces) {
        ObjectNode object = Json.object()
                .put("job", target.job().value())
                .put("step", selected.manifest().attempt().step().value())
                .put("tensor", tensor)
                .put("dtype", pieces.pieces().get(0).entry().dtype().name());
        ArrayNode shape = object.putArray("shape");
        pieces.shape().forEach(shape::add);
        object.put("bytes", pieces.bytes()).put("out", out.toString());
        ArrayNode ranks = object.putArray("ranks");
        pieces.pieces().forEach(piece -> ranks.add(piece.rank().value()));
        return object;
    }
}
