package dev.moorage.simulation;

import dev.moorage.protocol.CheckpointState;
import dev.moorage.protocol.Step;
import dev.moorage.protocol.VerdictResult;
import dev.moorage.protocol.VerifyDepth;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToCoordinator;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Whoever asks for one step: saves, cancels, verifies, looks; and in the end waits until it has its answer. */
final class Customer {
    private static final long PATIENCE_MILLIS = 8_000;

    private final World world;
    private final Step step;
    private boolean saveEnded;
    private boolean verifyEnded;
    private Optional<CheckpointState> last = Optional.empty();
    private int waiting;

    Customer(World world, Step step) {
        this.world = world;
        this.step = step;
    }

    /** Asks now and then while things go wrong; many questions are never answered. */
    void bother() {
        Plan.Demand demand = world.plan.demand();
        for (int i = 0; i < demand.saves(); i++) {
            sometime(save());
            sometime(view());
        }
        for (int i = 0; i < demand.cancels(); i++) {
            world.timeline.after(world.chance.between(5_000, Plan.FAULTS_MILLIS), () -> {
                world.cover(Covered.CANCELLED);
                world.network.ask(new ToCoordinator.CancelAsked(World.JOB, step, null), answer -> {});
            });
        }
        for (int i = 0; i < demand.verifies(); i++) {
            sometime(verify("early-" + i, VerifyDepth.ATTEST));
        }
    }

    private void sometime(ToCoordinator.Question question) {
        world.timeline.after(
                world.chance.between(1_000, Plan.FAULTS_MILLIS), () -> world.network.ask(question, answer -> {}));
    }

    private ToCoordinator.Question save() {
        return new ToCoordinator.SaveAsked(World.JOB, step, Optional.empty(), Optional.empty(), Map.of(), null);
    }

    private ToCoordinator.Question view() {
        return new ToCoordinator.SaveViewAsked(World.JOB, step, null);
    }

    private ToCoordinator.Question verify(String requestId, VerifyDepth depth) {
        return new ToCoordinator.VerifyAsked(World.JOB, step, requestId, depth, Optional.empty(), null);
    }

    boolean isServed() {
        return saveEnded && verifyEnded;
    }

    boolean isCommitted() {
        return last.equals(Optional.of(CheckpointState.COMMITTED));
    }

    /** Now that all is well: a save has to end, and what it made has to be good. */
    void insist() {
        ask(save(), this::onSave);
    }

    /** There is nobody left who could save anything. */
    void leave() {
        saveEnded = true;
        verifyEnded = true;
    }

    private void onSave(Answer answer) {
        if (answer instanceof Answer.SaveView view && !isFinal(view.state())) {
            world.timeline.after(3_000, () -> ask(view(), this::onSave));
            return;
        }
        saveEnded = true;
        last = answer instanceof Answer.SaveView view ? Optional.of(view.state()) : Optional.empty();
        if (isCommitted()) {
            ask(verify("last", VerifyDepth.FULL), this::onVerify);
        } else {
            verifyEnded = true;
        }
    }

    private static boolean isFinal(CheckpointState state) {
        return state == CheckpointState.COMMITTED || state == CheckpointState.ABORTED;
    }

    private void onVerify(Answer answer) {
        if (!(answer instanceof Answer.VerificationView view)) {
            throw world.timeline.broken(
                    "verify", "step " + step + " is committed, a verification is answered " + answer);
        }
        if (view.result().isEmpty()) {
            world.timeline.after(3_000, () -> ask(verify("last", VerifyDepth.FULL), this::onVerify));
        } else if (view.result().get() != VerdictResult.GOOD) {
            throw world.timeline.broken("S6", "step " + step + " is committed, its verdict is " + view);
        } else {
            verifyEnded = true;
        }
    }

    /** Asks until there is an answer. */
    private void ask(ToCoordinator.Question question, Consumer<Answer> onAnswer) {
        int mine = ++waiting;
        world.network.ask(question, answer -> {
            if (waiting == mine) {
                waiting++;
                onAnswer.accept(answer);
            }
        });
        world.timeline.after(PATIENCE_MILLIS, () -> {
            if (waiting == mine) {
                ask(question, onAnswer);
            }
        });
    }
}
