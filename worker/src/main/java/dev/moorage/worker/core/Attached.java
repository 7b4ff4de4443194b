package dev.moorage.worker.core;

import dev.moorage.protocol.RunNumber;
import java.util.Optional;
import java.util.OptionalLong;

/** A rank that is attached, or waits to be. */
final class Attached {
    final AttachmentId id;
    final Attachment who;
    final long deadline;
    Optional<RunNumber> run = Optional.empty();
    /** The call that waits for the number of the run. */
    OptionalLong waiting;
    /** Why it may not go on, for example as a newer run has superseded its own. */
    Optional<String> barred = Optional.empty();

    Attached(AttachmentId id, Attachment who, long request, long deadline) {
        this.id = id;
        this.who = who;
        this.waiting = OptionalLong.of(request);
        this.deadline = deadline;
    }

    String name() {
        return "job " + who.job() + " rank " + who.rank();
    }
}
