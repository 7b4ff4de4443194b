package dev.moorage.simulation;

import dev.moorage.coordinator.core.StoreOperation;
import dev.moorage.coordinator.core.StoreResult;
import dev.moorage.protocol.cluster.Answer;
import dev.moorage.protocol.cluster.ToCoordinator;
import dev.moorage.protocol.cluster.ToWorker;

/** Events in a few words, without anything that is random outside of the seed. */
final class Words {
    private Words() {}

    static String of(ToCoordinator message) {
        String what = message.getClass().getSimpleName();
        if (message instanceof ToCoordinator.RankStaged staged) {
            what += " run " + staged.run() + " step " + staged.step() + " rank " + staged.rank();
        } else if (message instanceof ToCoordinator.PartDone done) {
            what += " " + done.attempt() + " part " + done.part();
        } else if (message instanceof ToCoordinator.PartFailed failed) {
            what += " " + failed.attempt() + " part " + failed.part() + (failed.retryable() ? " for now" : "");
        } else if (message instanceof ToCoordinator.LoadAsked asked) {
            what += " run " + asked.run() + " rank " + asked.rank();
        } else if (message instanceof ToCoordinator.LoadPrepared prepared) {
            what += " step " + prepared.step() + " rank " + prepared.rank() + " "
                    + prepared.failure().map(Enum::name).orElse("");
        } else if (message instanceof ToCoordinator.StagingSkipped skipped) {
            what += " step " + skipped.step() + " rank " + skipped.rank();
        } else if (message instanceof ToCoordinator.SaveAsked asked) {
            what += " step " + asked.step();
        }
        return message instanceof ToCoordinator.FromWorker from ? what + " from " + from.worker() : what;
    }

    static String of(ToWorker message) {
        String what = message.getClass().getSimpleName();
        if (message instanceof ToWorker.AssignPart order) {
            what += " " + order.attempt() + " part " + order.part() + " epoch " + order.epoch();
        } else if (message instanceof ToWorker.OutcomeTold told) {
            what += " " + told.attempt() + (told.committed() ? " COMMITTED" : " ABORTED") + " epoch " + told.epoch();
        } else if (message instanceof ToWorker.RunOpened opened) {
            what += " run " + opened.run();
        } else if (message instanceof ToWorker.Registered registered) {
            what += " epoch " + registered.epoch();
        } else if (message instanceof ToWorker.LoadDecided decided) {
            what += " run " + decided.run() + " rank " + decided.rank() + " step " + decided.step() + " "
                    + decided.failure().map(Enum::name).orElse("");
        }
        return what;
    }

    static String of(Answer answer) {
        if (answer instanceof Answer.SaveView view) {
            return "step " + view.step() + " attempt " + view.attempt() + " " + view.state();
        }
        return answer instanceof Answer.Refused refused
                ? "Refused " + refused.kind()
                : answer.getClass().getSimpleName();
    }

    static String of(StoreOperation operation) {
        String what = operation.getClass().getSimpleName();
        if (operation instanceof StoreOperation.OfSave of) {
            what += " step " + of.checkpoint().step();
        }
        return operation instanceof StoreOperation.Close close
                ? what + " " + close.proposed().getClass().getSimpleName()
                : what;
    }

    static String of(StoreResult result) {
        String what = result.getClass().getSimpleName();
        if (result instanceof StoreResult.Closed closed) {
            what += " " + closed.found().getClass().getSimpleName();
        } else if (result instanceof StoreResult.Failed failed) {
            what += " " + failed.kind();
        } else if (result instanceof StoreResult.Opened opened) {
            what += opened.won() ? " won" : " lost";
        } else if (result instanceof StoreResult.Claimed claimed) {
            what += " epoch " + claimed.epoch();
        }
        return what;
    }
}
