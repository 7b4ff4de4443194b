package dev.moorage.node.demo;

import dev.moorage.client.command.Wording;
import java.time.Duration;

/** One coordinator and four workers, each a JVM of its own. */
final class StartCluster implements Scene {
    @Override
    public String title() {
        return "start 1 coordinator and " + Stage.WORKERS + " workers, each in a JVM of its own";
    }

    @Override
    public void run(Stage stage) throws InterruptedException {
        long begun = System.nanoTime();
        stage.cluster().start(Stage.WORKERS);
        stage.say("formed a cluster in "
                + Wording.seconds(Duration.ofNanos(System.nanoTime() - begun))
                + "; clients reach it at " + stage.cluster().endpoint());
    }
}
