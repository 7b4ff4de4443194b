package dev.moorage.client.command;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.VerificationStatus;
import dev.moorage.protocol.record.Verdict;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "show", description = "Shows one checkpoint: its state, spec, metadata, verdicts and every shard.")
final class ShowCommand implements Callable<Integer> {
    private final Terminal terminal;

    @Mixin
    private Where where;

    @Mixin
    private JobStep target;

    ShowCommand(Terminal terminal) {
        this.terminal = terminal;
    }

    @Override
    public Integer call() {
        JobName name = target.job();
        try (Library library = where.library(terminal)) {
            Chosen chosen = library.choose(name, target.step());
            chosen.tell(terminal);
            Details details = library.details(name, chosen.step());
            if (where.isJson()) {
                Json.print(terminal, json(name, details));
            } else {
                print(name, details);
            }
            String mark = Colour.BAD.paint("moorage:", terminal.isErrColoured());
            details.damages().forEach(damage -> terminal.remark(mark + " " + damage));
            return details.damages().isEmpty() ? 0 : FailureKind.CORRUPT.exitStatus();
        }
    }

    private void print(JobName name, Details details) {
        Row row = details.row();
        boolean coloured = terminal.isOutColoured();
        line("job", name + " step " + row.step());
        String attempt = row.attempt() == 0 ? "" : ", attempt " + row.attempt() + " of run " + row.run();
        line("state", row.stateCell().colour().paint(row.stateCell().text(), coloured) + attempt);
        if (!row.reason().isEmpty()) {
            line("reason", row.reason());
        }
        if (row.isCommitted()) {
            line(
                    "verified",
                    row.verification() == VerificationStatus.NONE
                            ? "not yet"
                            : Colour.of(row.verification())
                                    .paint(row.verification().name(), coloured));
            line(
                    "size",
                    Wording.bytes(row.rawBytes()) + ", stored " + Wording.bytes(row.storedBytes()) + ", ratio "
                            + Wording.ratio(row.storedBytes(), row.rawBytes()));
        }
        line("ranks", row.worldSize() == 0 ? "-" : String.valueOf(row.worldSize()));
        line("codec", details.codec().isEmpty() ? "-" : details.codec());
        line("verify", details.depth().isEmpty() ? "-" : details.depth());
        line("created", Wording.time(row.createdAtMillis()));
        details.metadata().forEach((key, value) -> line("metadata", key + " = " + value));
        details.verdicts().orElse(List.of()).forEach(verdict -> line("verdict " + verdict.number(), words(verdict)));
        printShards(details.shards());
    }

    private void line(String label, String value) {
        terminal.out().printf("%-10s %s%n", label, value);
    }

    private static String words(Verdict verdict) {
        return verdict.result() + " at depth " + verdict.depth() + ", " + Wording.count(verdict.shards(), "shard")
                + (verdict.allShards() ? "" : " of them only")
                + (verdict.independentReader() ? ", not read by those who stored them" : "")
                + (verdict.proven().isEmpty() ? "" : " (" + verdict.proven() + ")")
                + verdict.findings().stream()
                        .findFirst()
                        .map(finding -> "; " + finding.message())
                        .orElse("");
    }

    private void printShards(List<Details.Shard> shards) {
        if (shards.isEmpty()) {
            return;
        }
        Table table =
                new Table(">RANK", ">SIZE", ">STORED", ">RATIO", "CODEC", "RAW CRC32C", "STORED CRC32C", "OBJECT");
        shards.forEach(shard -> table.row(
                shard.name(),
                Wording.bytes(shard.rawBytes()),
                Wording.bytes(shard.storedBytes()),
                Wording.ratio(shard.storedBytes(), shard.rawBytes()),
                shard.codec(),
                shard.rawCrc32c(),
                shard.storedCrc32c(),
                shard.key().substring(shard.key().lastIndexOf('/') + 1)));
        String first = shards.get(0).key();
        line("objects", first.substring(0, first.lastIndexOf('/') + 1));
        terminal.out().println();
        table.print(terminal);
    }

    private static ObjectNode json(JobName name, Details details) {
        ObjectNode object = details.row().json(Json.object().put("job", name.value()));
        object.put("codec", details.codec()).put("verify", details.depth());
        ObjectNode metadata = object.putObject("metadata");
        details.metadata().forEach(metadata::put);
        details.verdicts().ifPresent(verdicts -> {
            ArrayNode list = object.putArray("verdicts");
            verdicts.forEach(verdict -> json(verdict, list.addObject()));
        });
        ArrayNode shards = object.putArray("shards");
        for (Details.Shard shard : details.shards()) {
            shards.addObject()
                    .put("rank", shard.rank())
                    .put("kind", shard.replicated() ? "REPLICATED" : "OWN")
                    .put("key", shard.key())
                    .put("codec", shard.codec())
                    .put("raw_bytes", shard.rawBytes())
                    .put("stored_bytes", shard.storedBytes())
                    .put("raw_crc32c", shard.rawCrc32c())
                    .put("stored_crc32c", shard.storedCrc32c());
        }
        if (!details.damages().isEmpty()) {
            details.damages().forEach(object.putArray("damages")::add);
        }
        return object;
    }

    private static void json(Verdict verdict, ObjectNode object) {
        object.put("number", verdict.number())
                .put("depth", verdict.depth().toString())
                .put("result", verdict.result().name())
                .put("all_shards", verdict.allShards())
                .put("independent_reader", verdict.independentReader())
                .put("shards", verdict.shards())
                .put("bytes_read", verdict.bytesRead())
                .put("findings", verdict.findings().size())
                .put("proven", verdict.proven())
                .put(
                        "created_at",
                        Instant.ofEpochMilli(verdict.createdAtMillis()).toString());
    }
}
