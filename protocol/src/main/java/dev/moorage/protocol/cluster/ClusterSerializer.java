package dev.moorage.protocol.cluster;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.moorage.protocol.CheckpointException;
import dev.moorage.protocol.v1.cluster.Frame;
import java.io.NotSerializableException;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.SerializerWithStringManifest;

/**
 * The one serializer of messages between daemons: a {@link ClusterMessage} is a {@link Frame} on the wire. Bound in this
 * module's {@code reference.conf}.
 *
 * <p>A frame is at most {@value #BYTES_MAX} bytes, both ways; what travels in lists is split by its sender. Texts for
 * people are cut, see {@link Texts}. What comes in is rebuilt through the checked values: bytes that are not a whole valid
 * message are refused with a {@link NotSerializableException}, never handed on in part. Thread-safe.
 */
final class ClusterSerializer extends SerializerWithStringManifest {
    /** Half of artery's default frame, so that the envelope always fits, too. */
    static final int BYTES_MAX = 128 * 1024;

    /** The version of {@link Frame}; which message it holds is the frame's own matter. */
    static final String MANIFEST = "moorage.v1.Frame";

    private final int identifier;
    private final FrameTable table;

    ClusterSerializer(ExtendedActorSystem system) {
        identifier = system.settings()
                .config()
                .getInt("pekko.actor.serialization-identifiers.\"" + ClusterSerializer.class.getName() + "\"");
        table = new FrameTable(new ActorRefs(ActorRefResolver.get(Adapter.toTyped(system))));
    }

    @Override
    public int identifier() {
        return identifier;
    }

    @Override
    public String manifest(Object message) {
        return MANIFEST;
    }

    /** @throws CheckpointException INVALID for a message over {@value #BYTES_MAX} bytes */
    @Override
    public byte[] toBinary(Object message) {
        if (!(message instanceof ClusterMessage known)) {
            throw CheckpointException.invalid(
                    message.getClass().getName() + " is not a message between daemons; only ClusterMessage is");
        }
        Frame frame = table.frame(known);
        int bytes = frame.getSerializedSize();
        if (bytes > BYTES_MAX) {
            throw CheckpointException.invalid(message.getClass().getSimpleName() + " has " + bytes
                    + " bytes when encoded, at most " + BYTES_MAX + " are allowed; its sender must split it");
        }
        return frame.toByteArray();
    }

    @Override
    public Object fromBinary(byte[] bytes, String manifest) throws NotSerializableException {
        if (!manifest.equals(MANIFEST)) {
            throw refused("manifest is not " + MANIFEST + "; all daemons must run one version", null);
        }
        if (bytes.length > BYTES_MAX) {
            throw refused("it has " + bytes.length + " bytes, at most " + BYTES_MAX + " are allowed", null);
        }
        Frame frame = frame(bytes);
        try {
            return table.message(frame);
        } catch (CheckpointException invalid) {
            throw refused(frame.getMessageCase() + ": " + invalid.getMessage(), invalid);
        }
    }

    private static Frame frame(byte[] bytes) throws NotSerializableException {
        try {
            return Frame.parseFrom(bytes);
        } catch (InvalidProtocolBufferException damaged) {
            throw refused("not a frame: " + damaged.getMessage(), damaged);
        }
    }

    private static NotSerializableException refused(String why, Throwable cause) {
        NotSerializableException refused = new NotSerializableException("message between daemons refused: " + why);
        refused.initCause(cause);
        return refused;
    }
}
