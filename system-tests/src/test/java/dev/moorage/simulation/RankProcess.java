package dev.moorage.simulation;

import dev.moorage.protocol.FailureKind;
import dev.moorage.protocol.Rank;
import dev.moorage.protocol.RunToken;
import dev.moorage.protocol.ShardFormat;
import dev.moorage.protocol.ShardKind;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.WorldSize;
import dev.moorage.worker.core.Attachment;
import dev.moorage.worker.core.AttachmentId;
import dev.moorage.worker.core.Reply;
import dev.moorage.worker.core.SegmentId;
import dev.moorage.worker.core.StageTerms;
import dev.moorage.worker.core.WorkerEvent;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/** A training process: attaches, perhaps loads, stages one step after the other, and attaches again when its daemon dies. */
final class RankProcess {
    private final World world;
    private final Host host;
    private final RunToken token;
    private final int rank;
    private final Deque<Step> steps;
    private final boolean isDivergent;
    private boolean wantsLoad;
    private boolean alive = true;
    private boolean superseded;
    private Optional<AttachmentId> session = Optional.empty();
    private int generation;

    RankProcess(World world, Host host, RunToken token, int rank, List<Step> steps) {
        this.world = world;
        this.host = host;
        this.token = token;
        this.rank = rank;
        this.steps = new ArrayDeque<>(steps);
        this.wantsLoad = world.plan.shape().loads();
        this.isDivergent = world.chance.of(world.plan.demand().divergent());
    }

    RunToken token() {
        return token;
    }

    boolean isAlive() {
        return alive;
    }

    /** Whether it was told that a newer run has taken its place. */
    boolean knowsItIsSuperseded() {
        return superseded;
    }

    /** Whether it waits for nothing that somebody else must do. */
    boolean isAtRest() {
        return !alive || superseded || (session.isPresent() && !wantsLoad && steps.isEmpty());
    }

    void kill() {
        if (alive) {
            alive = false;
            session.ifPresent(id -> host.daemon()
                    .ifPresent(daemon -> daemon.after(0, () -> daemon.handle(new WorkerEvent.AttachmentEnded(id)))));
        }
    }

    void daemonLost() {
        if (session.isPresent() || generation > 0) {
            generation++;
            session = Optional.empty();
            later(world.chance.between(500, 4_000), this::attach);
        }
    }

    private void later(long millis, Runnable action) {
        int of = generation;
        world.timeline.after(millis, () -> {
            if (alive && !superseded && of == generation) {
                action.run();
            }
        });
    }

    private void call(LongFunction<WorkerEvent.HostCall> call, Consumer<Reply> answer) {
        int of = generation;
        Consumer<Reply> current = reply -> {
            if (alive && of == generation) {
                answer.accept(reply);
            }
        };
        host.daemon().ifPresentOrElse(daemon -> daemon.call(call, current), () -> later(1_000, this::attach));
    }

    void attach() {
        generation++;
        session = Optional.empty();
        Attachment who = new Attachment(
                World.JOB,
                token,
                new Rank(rank),
                new WorldSize(world.plan.shape().ranks()),
                world.group(rank),
                Optional.of(world.plan.shape().codec()),
                Optional.of(world.plan.shape().depth()),
                0);
        call(request -> new WorkerEvent.AttachCalled(request, who), reply -> {
            if (reply instanceof Reply.Attached attached) {
                session = Optional.of(attached.attachment());
                begin();
            } else {
                refused(reply, this::attach);
            }
        });
    }

    private void begin() {
        if (wantsLoad) {
            load();
        } else {
            later(world.chance.between(500, 8_000), this::nextStep);
        }
    }

    /** Ends it if it is superseded; else {@code otherwise} is tried in a while. */
    private void refused(Reply reply, Runnable otherwise) {
        if (!(reply instanceof Reply.Refused refused)) {
            throw world.timeline.broken("answers", "rank " + rank + " is answered " + reply);
        }
        if (refused.kind() == FailureKind.INVALID && refused.message().contains("superseded")) {
            superseded = true;
            world.cover(Covered.SUPERSEDED_TOLD);
            world.timeline.log("rank " + rank + " of " + token + " is told that it is superseded");
        } else {
            later(world.chance.between(2_000, 5_000), otherwise);
        }
    }

    private void load() {
        AttachmentId id = session.orElseThrow();
        call(request -> new WorkerEvent.LoadCalled(request, id, "latest", 0, false), reply -> {
            if (reply instanceof Reply.Loaded loaded) {
                world.cover(Covered.LOADED);
                for (Reply.LoadedShard shard : loaded.shards()) {
                    ByteBuffer bytes = host.disk.map(shard.segment());
                    world.inspector.isAsStaged(
                            loaded.source(), rank, shard.shard().kind(), bytes, "loaded by rank " + rank);
                    call(request -> new WorkerEvent.ReleaseCalled(request, id, shard.segment()), released -> {});
                }
                wantsLoad = false;
                begin();
            } else {
                wantsLoad = false;
                refused(reply, this::begin);
            }
        });
    }

    private void nextStep() {
        if (!steps.isEmpty() && session.isPresent()) {
            lease(steps.peek(), ShardKind.OWN);
        }
    }

    private void lease(Step step, ShardKind kind) {
        ByteBuffer content = content(step, kind);
        AttachmentId id = session.orElseThrow();
        call(
                request -> new WorkerEvent.LeaseCalled(
                        request, id, kind, Math.max(1, content.remaining()), Optional.of(step)),
                reply -> {
                    if (reply instanceof Reply.Leased leased) {
                        host.disk.map(leased.segment()).put(content.duplicate());
                        stage(leased.segment(), step, kind, content.remaining());
                    } else {
                        refused(reply, this::nextStep);
                    }
                });
    }

    private ByteBuffer content(Step step, ShardKind kind) {
        int owner = kind == ShardKind.OWN || isDivergent ? rank : world.lowestOfGroup(rank);
        return Content.of(world.seed, token, owner, step, kind);
    }

    private void stage(SegmentId segment, Step step, ShardKind kind, int bytes) {
        AttachmentId id = session.orElseThrow();
        StageTerms terms = new StageTerms(bytes, step, kind, ShardFormat.OPAQUE, Map.of());
        call(request -> new WorkerEvent.StageCalled(request, id, segment, terms), reply -> {
            if (reply instanceof Reply.Refused) {
                steps.poll();
                refused(reply, this::nextStep);
                return;
            }
            if (world.chance.of(world.plan.demand().scribble())) {
                later(world.chance.between(1, 1_000), () -> host.disk.scribble(segment, step));
            }
            if (kind == ShardKind.OWN && world.group(rank).isPresent()) {
                lease(step, ShardKind.REPLICATED);
            } else {
                steps.poll();
                later(world.chance.between(1_000, 60_000), this::nextStep);
            }
        });
    }

    /** Asks its daemon something, as a process does that waits for a save. */
    void poke() {
        if (alive && !superseded && session.isPresent()) {
            AttachmentId id = session.get();
            call(request -> new WorkerEvent.StatusCalled(request, id, new Step(1)), reply -> {
                if (reply instanceof Reply.Refused) {
                    refused(reply, () -> {});
                }
            });
        }
    }
}
