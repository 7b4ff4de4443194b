package dev.moorage.protocol.cluster;

import dev.moorage.protocol.CheckpointException;
import org.apache.pekko.actor.ActorPath;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;

/** Actor references as text and back. */
final class ActorRefs {
    private final ActorRefResolver resolver;

    ActorRefs(ActorRefResolver resolver) {
        this.resolver = resolver;
    }

    String wire(ActorRef<?> ref) {
        return resolver.toSerializationFormat(ref);
    }

    /** The actor; INVALID for text that is no actor path, which the resolver would silently turn into dead letters. */
    <T> ActorRef<T> value(String wire) {
        if (!isPath(wire)) {
            throw CheckpointException.invalid("reply_to is not the path of an actor");
        }
        return resolver.resolveActorRef(wire);
    }

    private static boolean isPath(String wire) {
        try {
            return ActorPath.fromString(wire).address().protocol().equals("pekko");
        } catch (Exception notAPath) { // a MalformedURLException, which Scala does not declare
            return false;
        }
    }
}
