package dev.moorage.protocol.cluster;

import static java.util.Objects.requireNonNull;

import java.util.function.Consumer;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.BehaviorInterceptor;
import org.apache.pekko.actor.typed.TypedActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * Tells of the exception that ends an actor, which the actor itself does not get to know. It ends all the same, after that
 * with the signal {@code PostStop}.
 *
 * @param <T> messages of the actor
 */
public final class EndsByBug<T> extends BehaviorInterceptor<T, T> {
    private final Consumer<Throwable> tell;

    private EndsByBug(Class<T> messages, Consumer<Throwable> tell) {
        super(messages);
        this.tell = requireNonNull(tell);
    }

    /**
     * A behaviour under watch, from its start on.
     *
     * @param tell called by the actor, once, before {@code PostStop}; must not throw
     */
    public static <T> Behavior<T> watch(Class<T> messages, Behavior<T> watched, Consumer<Throwable> tell) {
        return Behaviors.intercept(() -> new EndsByBug<>(messages, tell), watched);
    }

    @Override
    public Behavior<T> aroundStart(TypedActorContext<T> context, PreStartTarget<T> target) {
        try {
            return target.start(context);
        } catch (RuntimeException | Error bug) {
            tell.accept(bug);
            throw bug;
        }
    }

    @Override
    public Behavior<T> aroundReceive(TypedActorContext<T> context, T message, ReceiveTarget<T> target) {
        try {
            return target.apply(context, message);
        } catch (RuntimeException | Error bug) {
            tell.accept(bug);
            throw bug;
        }
    }

    @Override
    public Behavior<T> aroundSignal(
            TypedActorContext<T> context, org.apache.pekko.actor.typed.Signal signal, SignalTarget<T> target) {
        try {
            return target.apply(context, signal);
        } catch (RuntimeException | Error bug) {
            tell.accept(bug);
            throw bug;
        }
    }
}
