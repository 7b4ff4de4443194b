package dev.moorage.simulation;

/** Something that can die, and that can be stopped for a while and go on as if nothing had been. */
abstract class SimulatedProcess {
    final World world;
    final String name;
    private boolean alive = true;
    private long pausedUntil;

    SimulatedProcess(World world, String name) {
        this.world = world;
        this.name = name;
    }

    boolean isAlive() {
        return alive;
    }

    boolean isPaused() {
        return world.timeline.now() < pausedUntil;
    }

    void die() {
        alive = false;
        world.timeline.log(name + " dies");
    }

    void pauseUntil(long millis) {
        pausedUntil = millis;
        world.timeline.log(name + " pauses until " + millis);
    }

    /** Wakes it at once. */
    void wake() {
        pausedUntil = world.timeline.now();
    }

    /** Does something later, unless this life has ended by then; a pause puts it off. */
    void after(long millis, Runnable action) {
        world.timeline.after(millis, () -> act(action));
    }

    private void act(Runnable action) {
        if (alive && isPaused()) {
            world.timeline.after(pausedUntil - world.timeline.now(), () -> act(action));
        } else if (alive) {
            action.run();
        }
    }

    /** Within a blocking call: waits out a pause, and ends where its process has ended. */
    void requireRunning() {
        while (alive && isPaused()) {
            world.timeline.runUntil(pausedUntil);
        }
        if (!alive) {
            throw new Crashed(name);
        }
    }
}
