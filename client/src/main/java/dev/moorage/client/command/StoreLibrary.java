package dev.moorage.client.command;

import dev.moorage.checkpoint.AttemptView;
import dev.moorage.checkpoint.Selected;
import dev.moorage.checkpoint.Selector;
import dev.moorage.protocol.AttemptId;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.CheckpointId;
import dev.moorage.protocol.JobName;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.record.Manifest;
import dev.moorage.protocol.record.Verdict;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** A store that this process reads by itself as the one that knows. */
final class StoreLibrary implements Library {
    private static final Duration VERDICT_DEADLINE = Duration.ofMinutes(1);

    private final String uri;
    private final OpenStore store;

    private StoreLibrary(String uri, OpenStore store) {
        this.uri = uri;
        this.store = store;
    }

    static StoreLibrary open(String uri) {
        return new StoreLibrary(uri, OpenStore.forReading(uri));
    }

    @Override
    public List<String> jobs() {
        return store.log().jobs().stream().map(JobName::value).sorted().toList();
    }

    @Override
    public List<Row> checkpoints(JobName job) {
        List<Row> rows = store.catalog().list(job).stream()
                .map(StoreRows::row)
                .sorted(Comparator.comparing(Row::step).reversed())
                .toList();
        if (rows.isEmpty()) {
            throw CheckpointException.notFound("job " + job + " has no checkpoints in " + store.store());
        }
        return rows;
    }

    @Override
    public Details details(JobName job, Step step) {
        CheckpointId checkpoint = new CheckpointId(job, step);
        List<AttemptView> attempts = store.log().attempts(checkpoint);
        if (attempts.isEmpty()) {
            throw CheckpointException.notFound(checkpoint + " is not in " + store.store() + "; see moorage ls " + job);
        }
        AttemptView shown =
                attempts.stream().filter(AttemptView::isVisible).findFirst().orElse(attempts.get(attempts.size() - 1));
        return StoreRows.details(shown, store);
    }

    @Override
    public Chosen choose(JobName job, String selector) {
        Selector meant = Selector.parse(selector);
        return meant.step()
                .map(named -> new Chosen(named, List.of()))
                .orElseGet(() -> chosen(store.catalog().select(job, meant)));
    }

    static Chosen chosen(Selected selected) {
        return new Chosen(
                selected.manifest().attempt().step(),
                selected.passedOver().stream()
                        .map(passed -> new Chosen.Passed(passed.step(), passed.reason()))
                        .toList());
    }

    @Override
    public CheckReport verify(CheckOrder order, ProgressLine progress) {
        Manifest.Committed manifest =
                store.catalog().select(order.job(), Selector.of(order.step())).manifest();
        order.checkRanks(manifest.spec().worldSize().value());
        progress.at(0, manifest.rawBytes());
        Verdict verdict = store.catalog()
                .verify(
                        manifest,
                        order.depth(),
                        order.ranks().size() == 0 ? Optional.empty() : Optional.of(order.ranks()),
                        progress);
        int number = order.record() ? write(manifest.attempt(), verdict) : 0;
        return new CheckReport(
                order.job(),
                order.step(),
                verdict.depth().toString(),
                verdict.result(),
                verdict.shards(),
                verdict.bytesRead(),
                number,
                Optional.empty(),
                verdict.proven(),
                store.log().status(manifest.attempt()),
                verdict.findings());
    }

    private int write(AttemptId attempt, Verdict verdict) {
        try (OpenStore writable = OpenStore.forWriting(uri)) {
            return writable.log()
                    .writeVerdict(verdict::withNumber, attempt, VERDICT_DEADLINE)
                    .number();
        }
    }

    @Override
    public void close() {
        store.close();
    }
}
